import type { MailContent, MailTexts } from '../config/mail.js';
import { appName } from './app-name.js';
import { createCatalogue } from './catalogue.js';
import { createWriteMail } from './layout.js';
import { letterOf } from './letter.js';
import type { MailData, MailKind, MailTemplate } from './mail-kind.js';

interface ComposerParts {
  kinds: ReadonlyMap<string, MailKind>;
  templates: Readonly<Record<string, (...given: never[]) => unknown>>;
  texts?: MailTexts | undefined;
  /** The sender, `Name <address>`. */
  from?: string | undefined;
  appUrl?: string | undefined;
}

/** Makes a mail of what its template is given. Rejects with what the template throws. */
export type Compose = (mail: string, data: MailData) => Promise<MailContent>;

/**
 * What mails look like and say: by the app's template, else by the mail's own, in the user's language.
 *
 * @throws TypeError for texts of a mail, a word or a value that there is not
 */
export function createCompose({ kinds, templates, texts, ...names }: ComposerParts): Compose {
  const catalogue = createCatalogue(kinds, texts);
  const name = appName(names);
  return async (mail, data) => {
    const language = catalogue.languageOf(mail, wishesOf(data));
    const { copy } = catalogue.everyMail(language);
    const write = createWriteMail({ appName: name, language, copy });
    const template = templates[mail] ?? kinds.get(mail)?.template;
    if (typeof template === 'function') return (template as MailTemplate)({ ...data, language }, write);
    return write(letterOf(catalogue.wordsOf(mail, language), { data, appName: name, language }));
  };
}

/** What an app's users say in a field of their own comes before the browser: who asks need not be who reads. */
function wishesOf({ user, acceptLanguage }: MailData): (string | null)[] {
  const fields = [user.get('locale'), user.get('language'), acceptLanguage] as unknown[];
  // `fr_FR`, as many systems write it.
  return fields.map((wish) => (typeof wish === 'string' ? wish.replaceAll('_', '-') : null));
}
