#!/usr/bin/env bash
# WordPress as Debian packages it, with a MariaDB of its own: a comment, which it holds for moderation.
set -euo pipefail
case $1 in
install)
  packages=(wordpress wordpress-theme-twentytwentyone mariadb-server php-cli php-mysql)
  dpkg -s "${packages[@]}" >/dev/null 2>&1 || DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}"
  ;;
start)
  db=$(mktemp -d)
  chmod 755 "$db"
  mkdir "$db/data"
  chown mysql "$db" "$db/data"
  echo "$db" >db
  mariadb-install-db --no-defaults --user=mysql --datadir="$db/data" --auth-root-authentication-method=normal --skip-test-db >&2
  mariadbd --no-defaults --user=mysql --datadir="$db/data" --socket="$db/s" --skip-networking --pid-file="$db/pid" >mariadb.log 2>&1 &
  echo $! >pids
  for _ in $(seq 300); do mariadb-admin --no-defaults -S "$db/s" -u root ping >/dev/null 2>&1 && break; sleep 0.1; done
  mariadb --no-defaults -S "$db/s" -u root -e "create database wp; create user wp@localhost identified by 'wp'; grant all on wp.* to wp@localhost"
  cp -rL /usr/share/wordpress site
  mkdir -p site/wp-content/themes
  # Newer packages keep themes apart.
  if [ -d /var/lib/wordpress/wp-content/themes ]; then cp -rL /var/lib/wordpress/wp-content/themes/. site/wp-content/themes/; fi
  cat >site/wp-config.php <<PHP
<?php
define('DB_NAME','wp'); define('DB_USER','wp'); define('DB_PASSWORD','wp'); define('DB_HOST','localhost:$db/s'); define('DB_CHARSET','utf8mb4');
define('WP_HTTP_BLOCK_EXTERNAL',true); define('DISABLE_WP_CRON',true); define('AUTOMATIC_UPDATER_DISABLED',true);
define('AUTH_KEY','a'); define('SECURE_AUTH_KEY','b'); define('LOGGED_IN_KEY','c'); define('NONCE_KEY','d');
\$table_prefix='wp_'; if(!defined('ABSPATH')) define('ABSPATH',__DIR__.'/'); require_once ABSPATH.'wp-settings.php';
PHP
  php -d sendmail_path=/bin/true -S "127.0.0.1:$PORT" -t site >php.log 2>&1 &
  echo $! >>pids
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/readme.html"
  curl -sf "http://127.0.0.1:$PORT/wp-admin/install.php?step=2" -o install.html --data \
    'weblog_title=Shop&user_name=admin&admin_password=adminpw&admin_password2=adminpw&pw_weak=on&admin_email=admin@company.example&Submit=Install'
  echo "{url: 'http://127.0.0.1:$PORT/?p=1', form: '#commentform'}"
  ;;
arrived) mariadb --no-defaults -S "$(cat db)/s" -u root -N -e "select count(*) from wp.wp_comments where comment_content like '%$2%'" ;;
esac
