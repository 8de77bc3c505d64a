// Whether a click in the middle of an element would reach it. Arguments: the element.
const e = arguments[0];
e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
const box = e.getBoundingClientRect();
const root = e.getRootNode();
const over = (root.elementFromPoint ? root : document).elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
const inside = !!over && (over === e || e.contains(over) || over.contains(e) || (over.shadowRoot && over.shadowRoot.contains(e)) ||
  (over.closest('label') && [...(e.labels || [])].includes(over.closest('label'))));
return box.width > 0 && box.height > 0 && inside;
