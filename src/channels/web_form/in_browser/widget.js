// A list that is drawn by a script. Arguments: what is done, the control, a text or value.
const [does, e, wanted] = arguments;
const LEARNED = Symbol.for('risposta options');
const shown = o => o.checkVisibility({visibilityProperty: true}) && o.getBoundingClientRect().height > 0;
const fold = t => (t || '').replace(/\s+/g, ' ').trim().toLowerCase();
const widget = () => {
  if (!e.matches('select')) return e;
  const next = e.nextElementSibling, known = '.select2, .chosen-container, .ts-wrapper, .nice-select, .selectize-control, .bootstrap-select, [role=combobox], [aria-haspopup=listbox]';
  if (next && next.matches(known)) return next.querySelector('.select2-selection, .chosen-single, .ts-control, .selectize-input, button') || next;
  return e.closest('.choices, .ts-wrapper, .bootstrap-select, .select-wrapper, .custom-select-wrapper') || (e.parentElement && e.parentElement.querySelector(known));
};
const all = () => {
  const found = [], walk = root => root.querySelectorAll('*').forEach(o => {
    if (o.matches('[role=option], .select2-results__option, .choices__item--choice, .active-result, .ts-dropdown .option, .nice-select .option, .selectize-dropdown .option')) found.push(o);
    if (o.shadowRoot) walk(o.shadowRoot);
  });
  walk(document);
  const owned = e.getAttribute('aria-controls') || e.getAttribute('aria-owns');
  const list = owned && e.getRootNode().getElementById && e.getRootNode().getElementById(owned);
  const own = list ? found.filter(o => list.contains(o)) : found;
  return own.filter(shown);
};
switch (does) {
  case 'boxes': { // drawn lists whose options are not known yet
    const found = [], walk = root => root.querySelectorAll('*').forEach(b => {
      if (b.matches('[role=combobox], [aria-haspopup=listbox]') && !b.matches('select') && !b.closest('.select2, .choices, .ts-wrapper, .chosen-container, header, nav') &&
          !(b.matches('input') && !b.readOnly) && !b.querySelector('input') && !b[LEARNED] && shown(b)) found.push(b);
      if (b.shadowRoot) walk(b.shadowRoot);
    });
    walk(document);
    return found.slice(0, 8);
  }
  case 'kind': return !e.matches('select') ? 'box' : shown(e) && e.getBoundingClientRect().width > 3 && getComputedStyle(e).opacity > 0.05 ? 'list' : 'drawn';
  case 'learn': e[LEARNED] = all().map(o => o.textContent.replace(/\s+/g, ' ').trim()).filter(t => t).slice(0, 300); return e[LEARNED].length;
  case 'is open': return e.getAttribute('aria-expanded') === 'true';
  case 'find': return widget() || null;
  case 'option': return all().find(o => fold(o.textContent) === fold(wanted) || o.dataset.value === wanted) || all().find(o => fold(o.textContent).startsWith(fold(wanted))) || null;
  case 'set': { // the list itself is hidden and has no face of its own
    e.value = wanted;
    for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {bubbles: true}));
    return e.value === wanted;
  }
  case 'value of': { const o = e.options && ([...e.options].find(o => fold(o.text) === fold(wanted)) || [...e.options].find(o => o.value === wanted)); return o ? [o.value, o.text] : [wanted, wanted]; }
  case 'tick': e.click(); return e.checked;
  case 'state': return e.matches('input[type=checkbox], input[type=radio]') ? e.checked : e.matches('select, input, textarea') ? e.value : e.innerText;
  case 'select all': if (e.select) e.select(); else { e.focus(); getSelection().selectAllChildren(e); } return true;
  case 'focus': e.focus(); return document.activeElement === e || (e.getRootNode().activeElement === e);
  case 'blur': if (document.activeElement) document.activeElement.blur(); return true;
}
