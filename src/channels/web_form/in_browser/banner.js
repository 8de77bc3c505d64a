// A banner that asks for consent to cookies. Arguments: selectors of known makers, words that refuse, words of banners,
// words that close, words that agree, whether it must go even if that agrees.
// Gives the element that says the least, and what kind it is.
const [selectors, refusing, about, closing, agreeing, mustGo] = arguments;
const shown = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && e.getBoundingClientRect().height > 5;
const roots = [document], all = [];
for (let i = 0; i < roots.length && i < 200; i++) roots[i].querySelectorAll('*').forEach(e => { all.push(e); if (e.shadowRoot) roots.push(e.shadowRoot); });
for (const css of selectors) for (const root of roots) { const e = root.querySelector(css); if (e && shown(e)) return {node: e, by: css}; }
const fold = t => ' ' + (t || '').normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim() + ' ';
const says = (text, words) => words.some(w => text.includes(' ' + w + ' '));
const cross = /^\s*[\u00d7\u2715\u2716\u2573xX]\s*$/;
const label = e => cross.test(e.innerText || '') ? ' x ' : fold(e.innerText || e.value || e.getAttribute('aria-label') || e.title || '');
const buttons = all.filter(e => e.matches('button, a, [role=button], input[type=button], input[type=submit]') && shown(e));
const up = e => e.parentElement || (e.getRootNode() instanceof ShadowRoot ? e.getRootNode().host : null);
const banner = e => {
  for (let a = up(e), i = 0; a && a !== document.body && i < 12; a = up(a), i++) {
    const style = getComputedStyle(a), text = fold((a.innerText || '').slice(0, 3000));
    const floats = ['fixed', 'sticky'].includes(style.position) || a.matches('dialog, [role=dialog], [role=alertdialog], [aria-modal=true]');
    if (floats && says(text, about) && !a.querySelector('textarea')) return true;
  }
  return false;
};
const leads = e => e.matches('a[href]') && !/^\s*(#|javascript:|$)/i.test(e.getAttribute('href'));
// "Accept and close" agrees; a link "X" leads to a network of that name, and "Follow us on X" closes nothing.
const fits = (e, words, kind) => kind === 'closed' ? !leads(e) && words.includes(label(e).trim()) : says(label(e), words);
const kinds = [[refusing, [], 'refused'], [closing, agreeing, 'closed'], [mustGo ? agreeing : [], [], 'given, for the form cannot be used without']];
for (const [words, never, kind] of kinds) {
  const found = buttons.find(e => label(e).length < 60 && fits(e, words, kind) && !says(label(e), never) && banner(e));
  if (found) return {node: found, by: kind};
}
return null;
