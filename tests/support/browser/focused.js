/**
 * What has the focus now, and whether that can be seen; null once it left the page or came to a place anew. Within a day
 * the focus goes on to month, year and calendar: `within` says that it is where it was.
 */
() => {
  const each = document.activeElement;
  window.walked ??= new Set();
  const within = each?.type === 'date' && each === window.walkedLast;
  if (!each || each === document.body || (window.walked.has(each) && !within)) return null;
  window.walked.add(each);
  window.walkedLast = each;
  const style = getComputedStyle(each);
  const box = each.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const onScreen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const name = each.getAttribute('aria-label') || each.labels?.[0]?.innerText || each.innerText || each.value || '';
  return { name: name.trim(), seen: outlined && onScreen, within };
}
