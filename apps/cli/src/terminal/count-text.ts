/** @returns a number for people, with its noun if there is one: `1,234 tasks`, `1 task` */
export function countText(count: number, noun?: string): string {
  const number = count.toLocaleString('en');
  if (noun === undefined) return number;
  return `${number} ${noun}${count === 1 ? '' : 's'}`;
}
