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
  const { browser = productOf(userAgent), system } = await parse(userAgent);
  return inWords(browser, system);
}

/**
 * The same for a mail: browsers and systems that are known, and no word that whoever sends it has made up. Our mail would
 * carry their message.
 *
 * @returns null where it names none
 */
export async function knownDevice(userAgent: string | null): Promise<string | null> {
  if (!userAgent) return null;
  const { browser, system } = await parse(userAgent);
  return inWords(browser, system);
}

/** What is known by name. */
async function parse(userAgent: string): Promise<{ browser?: string; system?: string }> {
  // Loaded with the first list of sessions, or mail: no start waits for it.
  const { default: Bowser } = await import('bowser');
  const parser = Bowser.getParser(userAgent);
  // What it does not know it takes from the text as it is.
  return {
    browser: oneOf(Bowser.BROWSER_MAP, parser.getBrowserName()),
    system: oneOf(Bowser.OS_MAP, parser.getOSName()),
  };
}

function inWords(browser: string | undefined, system: string | undefined): string | null {
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
