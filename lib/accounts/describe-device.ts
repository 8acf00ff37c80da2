/** The first product of a user agent (RFC 9110 section 10.1.5), where it is a plain name with a version. */
const PRODUCT = /^([a-z][\w.-]{0,39})\/\d/i;

/**
 * What a browser says of itself and its system, in words for a person: "Firefox on Windows", "Safari on iOS", "Linux". Of
 * what is no browser its first product: "curl". It is a claim: whoever sends it chooses it.
 *
 * @param userAgent the header, null where there was none
 * @returns null where it says nothing
 *
 * @example
 * await describeDevice(session.userAgent); // 'Chrome on Android'
 */
export async function describeDevice(userAgent: string | null): Promise<string | null> {
  if (!userAgent) return null;
  // Loaded with the first list of sessions: no start waits for it.
  const { default: Bowser } = await import('bowser');
  const parser = Bowser.getParser(userAgent);
  // What it does not know it takes from the text as it is.
  const known = oneOf(Bowser.BROWSER_MAP, parser.getBrowserName());
  const browser = known ?? productOf(userAgent);
  const system = oneOf(Bowser.OS_MAP, parser.getOSName());
  if (!browser || !system) return browser ?? system ?? null;
  // "Android Browser", "Samsung Internet for Android".
  return browser.includes(system) ? browser : `${browser} on ${system}`;
}

function oneOf(names: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.values(names).find((each) => each === name);
}

/** Nearly everything says that it is Mozilla. */
function productOf(userAgent: string): string | undefined {
  const product = PRODUCT.exec(userAgent)?.[1];
  return product === 'Mozilla' ? undefined : product;
}
