#!/usr/bin/env bash
# WordPress as Debian packages it, with a MariaDB of its own: a comment, which it holds for moderation.
set -euo pipefail
case $1 in
install)
  "$(dirname "$0")/debian" wordpress wordpress-theme-twentytwentyone mariadb-server php-cli php-mysql
  ;;
start)
  db=$(mktemp -d)
  chmod 755 "$db"
  mkdir "$db/data"
  chown mysql "$db" "$db/data"
  echo "$db" >db
  mariadb-install-db --no-defaults --user=mysql --datadir="$db/data" --auth-root-authentication-method=normal --skip-test-db >&2
  mariadbd --no-defaults --user=mysql --datadir="$db/data" --socket="$db/s" --skip-networking --pid-file="$db/pid" >mariadb.log 2>&1 &
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
  # Both engines come from one address within the seconds in which it takes no second comment.
  mkdir -p site/wp-content/mu-plugins
  echo "<?php add_filter('comment_flood_filter', '__return_false');" >site/wp-content/mu-plugins/pace.php
  php -d sendmail_path=/bin/true -S "127.0.0.1:$PORT" -t site >php.log 2>&1 &
  curl -sf --retry 60 --retry-delay 1 --retry-all-errors -o /dev/null "http://127.0.0.1:$PORT/readme.html"
  curl -sf "http://127.0.0.1:$PORT/wp-admin/install.php?step=2" -o install.html --data \
    'weblog_title=Shop&user_name=admin&admin_password=adminpw&admin_password2=adminpw&pw_weak=on&admin_email=admin@company.example&Submit=Install'
  echo "wordpress held held url: 'http://127.0.0.1:$PORT/?p=1', form: '#commentform'"
  ;;
arrived) mariadb --no-defaults -S "$(cat db)/s" -u root -N -r -e "select json_object('who', comment_author, 'mail', comment_author_email, 'text', comment_content) from wp.wp_comments where comment_content like '%$3%'" ;;
esac
