// What the scripts beside this one know of controls that a page draws itself: lists, boxes to tick, buttons.
const LEARNED = Symbol.for('risposta options');
const up = e => e.assignedSlot || e.parentElement || (e.getRootNode() instanceof ShadowRoot ? e.getRootNode().host : null);
const hostOf = e => e.getRootNode() instanceof ShadowRoot ? e.getRootNode().host : null;
// Components that draw without a shadow tree may hide what they drew from `childNodes`.
const nodesOf = (get => e => [...get.call(e)])(Object.getOwnPropertyDescriptor(Node.prototype, 'childNodes').get);
function children(e) {
  if (e.shadowRoot) return [...e.shadowRoot.childNodes];
  if (e.tagName === 'SLOT') { const given = e.assignedNodes(); return given.length ? given : nodesOf(e); }
  return nodesOf(e);
}
// Every element, those in open shadow trees too.
function every(does) {
  const walk = root => root.querySelectorAll('*').forEach(e => { does(e); if (e.shadowRoot) walk(e.shadowRoot); });
  walk(document);
}
const folded = t => (t || '').replace(/\s+/g, ' ').trim();
// The words of an element, those that stand in its slots and shadow trees too.
const flat = e => {
  const deep = n => n.nodeType === 3 ? n.data : n.nodeType === 1 && !n.matches('style, script, svg') ? children(n).map(deep).join(' ') : '';
  return folded(e.innerText) || folded(deep(e));
};
const rendered = e => e.checkVisibility ? e.checkVisibility({visibilityProperty: true}) : e.getClientRects().length > 0;

// Lists: what stands beside a hidden `select`, around one, and what is a list by its role.
const FACES = '.select2, .chosen-container, .ts-wrapper, .nice-select, .selectize-control, .bootstrap-select, [role=combobox], [aria-haspopup=listbox]';
const HOLDERS = '.choices, .ts-wrapper, .bootstrap-select, .select-wrapper, .custom-select-wrapper';
const OPTIONS = '[role=option], .select2-results__option, .choices__item--choice, .active-result, .ts-dropdown .option, .nice-select .option, .selectize-dropdown .option, ' +
  '.ant-select-item-option, ion-popover ion-radio, ion-modal ion-radio, ion-alert [role=radio], ion-action-sheet [role=radio]';
const LIST = '[role=combobox], [aria-haspopup=listbox]';
const OTHERS = '.select2, .choices, .ts-wrapper, .chosen-container, .iti, header, nav, [role=search]';
const faceOf = select => {
  const next = select.nextElementSibling;
  if (next && next.matches(FACES)) return next;
  const holder = select.closest(HOLDERS);
  if (holder) return holder;
  return select.parentElement && select.parentElement.querySelector(FACES);
};
// A list may say in the page what can be chosen.
const declared = e => { const host = hostOf(e); return e.matches('button') && host && host.matches('ion-select') ? [...host.querySelectorAll('ion-select-option')].map(o => folded(o.textContent)) : null; };
// An element that may open a list; into some one can also write.
const mayList = e => !e.matches('select') && !e.closest(OTHERS) && (e.matches(LIST) || e.matches('input') && !!e.closest(LIST)) && !e.querySelector('input') &&
  !(e.matches('input') && e.getAttribute('aria-autocomplete') === 'inline');
const isList = e => !!declared(e) || mayList(e) && (!e.matches('input') || e.readOnly || (e[LEARNED] || []).length > 0);
// What is drawn around the place to write into, which itself may be too small to be seen.
function around(list) {
  const found = [];
  for (let a = up(list); a && found.length < 4 && a.querySelectorAll('input:not([type=hidden], [aria-hidden=true]), textarea').length < 2; a = up(a)) found.push(a);
  return found;
}
// What a drawn list shows as chosen: in itself, or around itself.
const chosenOf = list => folded(list.value) || flat(list) || (list.matches('input, button') && around(list).map(flat).find(t => t)) || '';
const isExpanded = list => {
  const says = [list, list.closest(LIST)].map(e => e && e.getAttribute('aria-expanded')).find(s => s);
  return says ? says === 'true' : shownOptions(list).length > 0;
};
function shownOptions(list) {
  const shown = o => {
    if (!rendered(o)) return false;
    for (let a = o, i = 0; a && i < 8; a = up(a), i++) {
      const box = a.getBoundingClientRect();
      if ((a === o || getComputedStyle(a).overflow !== 'visible') && getComputedStyle(a).display !== 'contents' && box.height < 3) return false;
    }
    return true;
  };
  const found = [];
  every(o => { if (o.matches(OPTIONS) && shown(o)) found.push(o); });
  const id = list.getAttribute('aria-controls') || list.getAttribute('aria-owns'), root = list.getRootNode();
  const owner = id && root.getElementById && root.getElementById(id), own = owner ? found.filter(o => owner.contains(o)) : [];
  return own.length ? own : found;
}

// Boxes that are no `input`.
const isMark = e => e.matches('[role=checkbox], [role=switch], [role=radio]') && !e.matches('input') && !e.querySelector('input:not([type=hidden])') && !e.closest('[role=menu], [role=listbox]');
// What sends the state of a drawn control along, and is none itself.
const mirrors = e => e.matches('select, input[type=checkbox], input[type=radio]') && e.getAttribute('aria-hidden') === 'true' && e.tabIndex < 0 &&
  [...e.parentElement.children].some(o => isMark(o) || o.matches(LIST));
const isTicked = e => e.matches('input') ? e.checked : e.getAttribute('aria-checked') === 'true';
