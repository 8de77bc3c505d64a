// What a person sees of this document, as HTML, with its controls in the same order: shadow trees are
// written into the page, what is not rendered is left out, what is in fields now stands in the attributes.
// Arguments: whether it is read to be filled (else: to be judged).
const toFill = arguments[0];
const BYTES_MAX = 3000000, CONTROLS_MAX = 1500;
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
const controls = [], frames = [];
let out = '', left = BYTES_MAX;

const say = text => { left -= text.length; if (left > 0) out += text; };
const escape = text => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

// Whether a person sees it: it has a size, stands on the page, is not transparent or clipped away.
function seen(e) {
  if (!rendered(e)) return false;
  const box = e.getBoundingClientRect();
  if (box.width < 3 || box.height < 3) return false;
  if (box.right + scrollX <= 0 || box.bottom + scrollY <= 0 || box.left + scrollX > Math.max(innerWidth, document.documentElement.scrollWidth) + 500) return false;
  for (let a = e; a && a !== document.body; a = up(a)) {
    const style = getComputedStyle(a);
    if (parseFloat(style.opacity) < 0.05) return false;
    if (a.getAttribute('aria-hidden') === 'true') return false;
    const clips = style.overflow !== 'visible' || style.clip !== 'auto' || style.clipPath !== 'none';
    const around = a.getBoundingClientRect();
    if (clips && (around.width < 3 || around.height < 3)) return false;
    if (a.tagName === 'FORM') break;
  }
  return true;
}
const labelOf = e => (e.labels && e.labels[0]) || e.closest('label');
function usable(e) {
  if (e.matches('input[type=checkbox], input[type=radio]')) { const label = labelOf(e); return seen(e) || (!!label && seen(label)); }
  if (e.matches('select')) { if (seen(e)) return true; const face = faceOf(e); return !!face && seen(face); }
  if (e.matches('input[type=file]')) { const label = labelOf(e); return seen(e) || (!!label && seen(label)); }
  return seen(e);
}
const isControl = e => e.matches('input, select, textarea, button');
const isEditor = e => e.isContentEditable && e.getAttribute('contenteditable') !== null && !e.parentElement?.isContentEditable;
const isPress = e => e.matches('[role=button], a.button, a.btn, a[onclick], div[onclick], span[onclick]') && !e.querySelector('input, select, textarea, button');

// Controls that stand in no form get one: around the smallest part of the page that holds them and a button.
function bare() {
  const all = [], walk = root => root.querySelectorAll('*').forEach(e => {
    if (e.matches('textarea, input:not([type=hidden]), select') || isEditor(e)) all.push(e);
    if (e.shadowRoot) walk(e.shadowRoot);
  });
  walk(document);
  const free = all.slice(0, CONTROLS_MAX).filter(e => !(e.form || e.closest('form')) && seen(e));
  const first = free.find(e => e.matches('textarea') || isEditor(e)) || (free.length > 1 ? free[0] : null);
  for (let a = first && up(first); a; a = up(a)) {
    const root = a.shadowRoot || a, inside = root.querySelectorAll('button, [role=button], input[type=button], input[type=submit], a.button, a.btn');
    const others = free.filter(e => e !== first && (a.contains(e) || root.contains(e)));
    if (root.querySelector('form')) return null;
    if (inside.length && (others.length || a === document.body)) return a;
  }
  return null;
}
const made = bare();

function attributes(e, drop) {
  for (const {name, value} of e.attributes) {
    if (drop.has(name) || name.startsWith('data-risposta') || /["'<>\/=\s]/.test(name)) continue;
    say(` ${name}="${escape(value.slice(0, 2000))}"`);
  }
}
const CHANGING = new Set(['style', 'hidden', 'aria-hidden', 'onsubmit', 'onclick', 'value', 'checked', 'selected', 'disabled', 'formaction', 'formmethod', 'type']);

// Drawn buttons of one group go by one name.
const radios = [...document.querySelectorAll('[role=radiogroup]')];
const markName = (e, kind) => e.getAttribute('name') || (kind === 'radio' ? `unnamed group ${radios.indexOf(e.closest('[role=radiogroup]'))}` : unnamed(e, kind));

// Controls may belong to a form that they do not stand in.
const forms = [...document.forms], formId = f => f.id || `risposta-form-${forms.indexOf(f)}`;
// The same name at every reading, whatever comes and goes around it.
const counts = {};
const unnamed = (e, tag) => {
  const own = e.id || e.getAttribute('aria-label') || e.placeholder || '';
  if (!own) counts[tag] = (counts[tag] || 0) + 1;
  return `unnamed ${tag} ${own || counts[tag]}`;
};
function control(e, as, shown) {
  if (controls.length >= CONTROLS_MAX) return;
  const press = as ? as === 'button' : e.matches('button, input[type=submit], input[type=button], input[type=image], input[type=reset]');
  const tag = as || e.tagName.toLowerCase();
  // What is hidden here and now is a trap, or of another step: a person does not fill it.
  const hidden = !shown && e.type !== 'hidden';
  if (hidden) say('<span aria-hidden="true">');
  say(`<${tag} data-risposta="${controls.length}"`);
  controls.push(e);
  const drop = new Set(CHANGING);
  if (toFill) { drop.add('class'); if (tag !== 'input') drop.delete('type'); }
  if (as) ['role', 'aria-haspopup', 'type'].forEach(name => drop.add(name));
  const mark = as === 'input' && isMark(e) ? (e.matches('[role=radio]') ? 'radio' : 'checkbox') : null;
  if (mark) drop.add('name');
  if (press) drop.add('type');
  const owner = e.form && !e.form.contains(e) && e.getRootNode() === e.form.getRootNode() ? e.form : null;
  if (owner) { drop.add('form'); say(` form="${escape(formId(owner))}"`); }
  attributes(e, drop);
  if (mark) say(` name="${escape(markName(e, mark))}"`);
  else if (!e.getAttribute('name') && !press) say(` name="${escape(unnamed(e, tag))}"`);
  if (press) say(e.matches('[type=reset]') ? ' type="reset"' : e.matches('[type=image]') ? ' type="image"' : ' type="submit"');
  else if (tag === 'input') say(` type="${escape(mark || (as ? 'text' : e.type))}"`);
  if (e.disabled && !press) say(' disabled');
  if (mark || e.matches('input[type=checkbox], input[type=radio]')) {
    if (isTicked(e)) say(' checked');
    const value = e.getAttribute('value') || (mark === 'radio' ? e.dataset.value || flat(e) || e.id : '');
    if (value) say(` value="${escape(value)}"`);
  }
  else if (tag === 'input' && e.type !== 'file') say(` value="${escape(String(e.value).slice(0, 100000))}"`);
  say('>');
  if (tag === 'textarea') say('\n' + escape(String(as ? e.innerText : e.value)) + '</textarea>');
  else if (tag === 'select') { options(e, as); say('</select>'); }
  else if (tag === 'button') { say(escape(flat(e) || e.value || e.getAttribute('aria-label') || e.title || '')); say('</button>'); }
  if (hidden) say('</span>');
}
function options(e, as) {
  const face = as ? null : faceOf(e);
  const drawn = !as && e.options.length < 2 && face ? [...face.querySelectorAll('[data-value]')].filter(o => o.dataset.value) : [];
  if (drawn.length) return drawn.forEach(o => say(`<option value="${escape(o.dataset.value)}"${o.dataset.value === e.value ? ' selected' : ''}>${escape(o.textContent.trim())}</option>`));
  if (!as) return [...e.options].slice(0, 1000).forEach(o => say(`<option value="${escape(o.value)}"${o.selected ? ' selected' : ''}${o.disabled || o.parentElement.disabled ? ' disabled' : ''}>${escape(o.text)}</option>`));
  const shown = chosenOf(e), known = declared(e) || e[LEARNED] || [];
  if (!known.includes(shown)) say(`<option value="" selected>${escape(shown)}</option>`);
  known.forEach(o => say(`<option value="${escape(o)}"${o === shown ? ' selected' : ''}>${escape(o)}</option>`));
}

function node(n) {
  if (left <= 0) return;
  if (n.nodeType === 3) return say(escape(n.data));
  if (n.nodeType !== 1) return;
  const tag = n.tagName.toLowerCase();
  if (['style', 'noscript', 'template', 'object', 'embed', 'video', 'audio', 'canvas'].includes(tag)) return;
  if (tag === 'script') { if (n.src) say(`<script src="${escape(n.src)}"></script>`); return; }
  if (tag === 'svg') return say(escape(n.querySelector('title')?.textContent || n.getAttribute('aria-label') || ''));
  const body = document.body && document.body.contains(n) || n.getRootNode() instanceof ShadowRoot;
  if (tag === 'iframe') {
    const box = n.getBoundingClientRect();
    if (rendered(n) && box.width > 50 && box.height > 50) frames.push(n);
    say(`<iframe src="${escape(n.src || '')}"`); attributes(n, new Set(['src', 'srcdoc', 'style'])); return say('></iframe>');
  }
  if (body && isMark(n) && seen(n)) {
    const words = flat(n);
    if (words) say('<label>');
    control(n, 'input', true);
    if (words) say(escape(words) + '</label>');
    return;
  }
  if (isControl(n)) {
    if (mirrors(n)) return;
    const shown = usable(n);
    if (isList(n) && (shown || around(n).some(seen))) return control(n, 'select', true);
    // A large box that editors hide behind their own is theirs; here it is not seen, and no message's place.
    if (toFill && !shown && n.matches('textarea')) return control(n, 'input', false);
    if (!toFill && !shown && n.type !== 'hidden') return;
    return control(n, null, shown);
  }
  if (body && isEditor(n) && seen(n)) return control(n, 'textarea', true);
  if (body && isList(n) && seen(n)) return control(n, 'select', true);
  if (body && isPress(n) && seen(n)) return control(n, 'button', true);
  const holds = () => n.querySelector('input, select, textarea, button, [role=combobox]') || n.shadowRoot;
  if (body && n !== document.body && tag !== 'slot' && !n.shadowRoot && getComputedStyle(n).display !== 'contents' && !rendered(n) && !(toFill && holds()) && !(tag === 'form' && [...n.elements].some(seen))) return;
  const drop = new Set(['style', 'hidden', 'aria-hidden', 'onsubmit', 'onclick']);
  if (toFill && tag !== 'form' && n.querySelector('input, select, textarea')) drop.add('class');
  if (tag === 'form') { drop.add('action'); drop.add('method'); drop.add('target'); }
  if (tag === 'fieldset' && n.disabled) drop.delete('disabled');
  say('<' + tag); attributes(n, drop);
  if (tag === 'form' && !n.id) say(` id="${formId(n)}"`);
  if (tag === 'form') say(` action="${escape(document.URL.startsWith('http') ? document.URL : 'http://form.invalid/')}" method="post"`);
  say('>');
  if (VOID.has(tag)) return;
  if (n === made) say('<form data-risposta-made action="" method="post">');
  if (tag === 'body' || tag === 'html' || tag === 'head' || left > 0) children(n).forEach(node);
  if (n === made) say('</form>');
  say(`</${tag}>`);
}
node(document.documentElement);
const wrong = controls.map((e, i) => [i, e]).filter(([, e]) => e.willValidate && !e.checkValidity() && usable(e)).map(([i, e]) => [i, e.validationMessage || '']);
// Without scripts, frames and a page to go on to, it stays as it is.
const still = !document.scripts.length && !frames.length && !document.querySelector('meta[http-equiv=refresh i]');
return {still, url: document.URL, html: '<!doctype html>' + out, controls: controls, frames: frames.slice(0, 12), wrong};
