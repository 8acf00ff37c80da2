/**
 * What the app is called in its mails: the name of the sender, else the host of the app's pages.
 *
 * @param mail `from` is `Name <address>`, or the address alone
 * @returns an empty text where nothing says it
 *
 * @example
 * appName({ from: '"Example, Inc." <no-reply@example.com>' }); // 'Example, Inc.'
 */
export function appName({
  from = '',
  appUrl,
}: {
  from?: string | undefined;
  appUrl?: string | undefined;
}): string {
  const [, name = ''] = /^([^<]*)<[^>]*>\s*$/.exec(from.trim()) ?? [];
  // RFC 5322 section 3.2.4: quoted where it has a comma, say.
  const [, quoted] = /^"(.*)"$/.exec(name.trim()) ?? [];
  const shown = quoted?.replace(/\\(.)/g, '$1') ?? name.trim();
  return shown || (appUrl ? new URL(appUrl).host : '');
}
