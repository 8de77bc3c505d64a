// A control that is drawn by a script. Arguments: what is done, the control, a text or value.
const [does, e, wanted] = arguments;
const same = t => folded(t).toLowerCase();
const face = () => {
  if (!e.matches('select')) return e;
  const drawn = faceOf(e);
  return drawn && (drawn.querySelector('.select2-selection, .chosen-single, .ts-control, .selectize-input, button') || drawn);
};
switch (does) {
  case 'boxes': { // drawn lists whose options are not known yet
    const found = [];
    every(b => { if (mayList(b) && !b[LEARNED] && rendered(b)) found.push(b); });
    return found.slice(0, 8);
  }
  case 'kind': return !e.matches('select') ? 'box' : rendered(e) && e.getBoundingClientRect().width > 3 && e.getBoundingClientRect().height > 3 && getComputedStyle(e).opacity > 0.05 ? 'list' : 'drawn';
  case 'learn': e[LEARNED] = shownOptions(e).map(flat).filter(t => t).slice(0, 300); return e[LEARNED].length;
  case 'is open': return isExpanded(e);
  case 'is picked': return e.matches('input') && ['date', 'time', 'month', 'week', 'datetime-local', 'color', 'range'].includes(e.type);
  case 'find': return face() || null;
  case 'around': return around(e);
  case 'option': { const all = shownOptions(e); return all.find(o => same(flat(o)) === same(wanted) || o.dataset.value === wanted) || all.find(o => same(flat(o)).startsWith(same(wanted))) || null; }
  case 'set': { // the list itself is hidden and has no face of its own
    e.value = wanted;
    for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {bubbles: true}));
    return e.value === wanted;
  }
  case 'value of': { const o = e.options && ([...e.options].find(o => same(o.text) === same(wanted)) || [...e.options].find(o => o.value === wanted)); return o ? [o.value, o.text] : [wanted, wanted]; }
  case 'tick': e.click(); return isTicked(e);
  case 'state': return e.matches('input[type=checkbox], input[type=radio]') || isMark(e) ? isTicked(e) : isList(e) ? chosenOf(e) : e.matches('select, input, textarea') ? e.value : e.innerText;
  case 'select all': if (e.select) e.select(); else { e.focus(); getSelection().selectAllChildren(e); } return true;
  case 'focus': e.focus(); return document.activeElement === e || (e.getRootNode().activeElement === e);
  case 'blur': if (document.activeElement) document.activeElement.blur(); return true;
}
