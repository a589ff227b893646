/** What of the page is too wide, cut off, too small to hit, or under something else.
 *
 * A link within a line of text may be as low as that line.
 */
() => {
  const faults = [];
  const words = (each) => (each.innerText || each.value || each.id || '').trim().slice(0, 40);
  const name = (each) => `${each.tagName.toLowerCase()} "${words(each)}"`;
  const hidden = (each) => each && (getComputedStyle(each).clipPath === 'inset(50%)' || hidden(each.parentElement));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  for (const each of document.querySelectorAll('body *')) {
    const style = getComputedStyle(each);
    const apart = each.closest('.skip, dialog:not([open])') || hidden(each);
    if (!each.checkVisibility() || apart) continue;
    const box = each.getBoundingClientRect();
    if (box.width && box.right > root.clientWidth + 1) faults.push(`${name(each)} ends at ${Math.round(box.right)}`);
    const hides = style.overflowX === 'hidden' || style.overflowX === 'clip';
    if (hides && each.scrollWidth > each.clientWidth + 1 && box.width > 1) faults.push(`${name(each)} is cut off`);
    if (!each.matches('a[href], button, input:not([type=hidden]), select, textarea, summary')) continue;
    const inLine = each.tagName === 'A' && style.display === 'inline';
    if (!inLine && (box.width < 24 || box.height < 24)) {
      faults.push(`${name(each)} is ${Math.round(box.width)} × ${Math.round(box.height)}`);
    }
    each.scrollIntoView({ block: 'center' });
    const [first] = each.getClientRects();
    const hit = document.elementFromPoint(first.left + first.width / 2, first.top + first.height / 2);
    if (hit && !each.contains(hit) && !hit.contains(each)) faults.push(`${name(each)} lies under ${name(hit)}`);
  }
  scrollTo(0, 0);
  return faults;
}
