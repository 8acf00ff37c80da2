/** A language that somebody accepts, as `Accept-Language` has it: `fr-CH;q=0.8`. */
interface Range {
  tag: string;
  quality: number;
  order: number;
}

interface Match extends Range {
  language: string;
  /** 3 the same, 2 a wider one of ours, 1 a narrower one, 0 any. */
  nearness: number;
}

/**
 * Of some languages the one that a person reads best (RFC 9110 section 12.5.4, RFC 4647). Who reads `fr-CH` is given `fr`, and
 * who reads `de` is given `de-AT`, where there is nothing nearer.
 *
 * @param accepted an `Accept-Language` header, or one language tag
 * @param languages the tags that there are: the first is for who takes any
 * @returns one of them, or undefined when the person reads none
 *
 * @example
 * chooseLanguage('nl, fr;q=0.9', ['en', 'fr']); // 'fr'
 */
export function chooseLanguage(
  accepted: string | null | undefined,
  languages: readonly string[],
): string | undefined {
  const ranges = (accepted ?? '').split(',').map(rangeOf);
  const best = languages
    .flatMap((language) => nearestOf(ranges, language) ?? [])
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || b.nearness - a.nearness || a.order - b.order);
  return best[0]?.language;
}

function rangeOf(text: string, order: number): Range {
  const [tag = '', ...parameters] = text.toLowerCase().split(';');
  const quality = parameters.map((each) => /^\s*q=([\d.]+)\s*$/.exec(each)?.[1]).find((each) => each);
  return { tag: tag.trim(), quality: Number(quality ?? 1), order };
}

/** What is said of the language most nearly: `fr;q=0` refuses it, whatever `*` says. */
function nearestOf(ranges: readonly Range[], language: string): Match | undefined {
  const [nearest] = ranges
    .map((range) => ({ ...range, language, nearness: nearnessOf(range.tag, language.toLowerCase()) }))
    .filter(({ nearness }) => nearness >= 0)
    .sort((a, b) => b.nearness - a.nearness || b.tag.length - a.tag.length);
  return nearest;
}

function nearnessOf(tag: string, language: string): number {
  if (tag === '') return -1;
  if (tag === language) return 3;
  if (tag.startsWith(`${language}-`)) return 2;
  if (language.startsWith(`${tag}-`)) return 1;
  return tag === '*' ? 0 : -1;
}
