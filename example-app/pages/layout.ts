import type { Response } from 'express';
import { type Html, html } from './html.js';

/** Answers with a whole page. */
export function sendPage(res: Response, title: string, content: Html): void {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - express-auth-kit</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  // Mails, tokens in links: nothing here is for a cache.
  res.set('Cache-Control', 'no-store').type('html').send(page.text);
}
