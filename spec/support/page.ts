/** A page without scripts: it is gone to, and its first form is sent as it stands. Redirects are followed, cookies kept. */
export interface Page {
  goTo(path: string): Promise<void>;
  /**
   * Fills the fields of the form that have these names, and sends it.
   *
   * @param from where the browser says that it comes from; by default a page of the same origin
   */
  submit(typed: Readonly<Record<string, string>>, from?: { origin: string }): Promise<void>;
  /** Where it is now, with its query. */
  path(): string;
  html(): string;
}

export function openPage(url: string): Page {
  const jar = new Map<string, string>();
  let path = '/';
  let html = '';

  const ask = async (to: string, init: RequestInit = {}): Promise<void> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { accept: 'text/html', ...(cookie && { cookie }), ...init.headers };
    const answer = await fetch(url + to, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string];
      if (/;\s*Max-Age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    const location = answer.headers.get('location');
    if (location) return ask(location);
    path = to;
    html = await answer.text();
  };

  return {
    goTo: ask,
    submit(typed, from) {
      const [, action, content] = /<form method="post" action="([^"]+)">([\s\S]*?)<\/form>/.exec(html) ?? [];
      if (!action || content === undefined) throw new Error(`${path} has no form: ${html}`);
      const fields = new URLSearchParams();
      for (const [input] of content.matchAll(/<input [^>]*>/g)) {
        const name = attributeOf(input, 'name') as string;
        fields.set(name, typed[name] ?? attributeOf(input, 'value') ?? '');
      }
      const missing = Object.keys(typed).filter((name) => !fields.has(name));
      if (missing.length > 0) throw new Error(`the form of ${path} has no field ${missing.join(', ')}`);
      const headers = from ?? { 'sec-fetch-site': 'same-origin' };
      return ask(action, { method: 'POST', headers, body: fields });
    },
    path: () => path,
    html: () => html,
  };
}

function attributeOf(tag: string, name: string): string | undefined {
  const value = new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
  return value?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}
