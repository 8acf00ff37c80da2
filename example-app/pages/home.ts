import { code, type Html, html } from './html.js';

interface Home {
  appUrl: string;
  /** Whether mails are caught, so that the transcript can read them. */
  hasMailbox: boolean;
}

export function homePage({
  hasMailbox,
  isSignedIn,
}: Pick<Home, 'hasMailbox'> & { isSignedIn: boolean }): Html {
  return html`<div class="hero">
<div>
<p class="lead">Registration, login, recovery by mail, sessions you can see and end. All of it is one router; this app adds the pages.</p>
<p class="actions">${isSignedIn ? html`<a class="button" href="/account">Your account</a>` : html`<a class="button" href="/register">Create an account</a><a class="button quiet" href="/login">Log in</a>`}</p>
</div>
<pre tabindex="0" aria-label="How it is mounted">${code(SAMPLE)}</pre>
</div>
<h2>What to try next</h2>
<ol class="grid">
<li class="panel"><h3>Confirm your address</h3>
<p class="about">Register${hasMailbox ? html`, then open <a href="/dev/mailbox">the mailbox</a>: the mails of this app are caught there` : ' with an address whose mails you can read'}.</p></li>
<li class="panel"><h3>Sign in twice</h3>
<p class="about">Log in from a second browser, and end that session from <a href="/account">your account</a>: its next click is refused.</p></li>
<li class="panel"><h3>Forget your password</h3>
<p class="about">Ask for <a href="/password/forgot">a recovery link</a>. The answer is the same for every address, and takes the same time.</p></li>
<li class="panel"><h3>Leave the browser</h3>
<p class="about">Apps and scripts use the same endpoints with bearer tokens: <a href="/curl">a walk by curl</a>.</p></li>
</ol>`;
}

const SAMPLE = `const auth = createAuthRouter({ cookies: 'on' });

app.use('/auth', auth);
app.get('/orders', auth.requireUser, (req, res) => {
  res.json({ user: req.user.email });
});`;

export function curlPage({ appUrl, hasMailbox }: Home): Html {
  return html`<p>Paste this into a shell. It registers a user, logs in, opens the protected route with the access token, changes the
refresh token for a new pair, ${hasMailbox ? 'resets the password by the link in the mail, logs in again, ' : ''}and
logs out, after which the access token is worth nothing any more.</p>
<pre id="transcript" tabindex="0">${code(transcript({ appUrl, hasMailbox }))}</pre>
`;
}

/**
 * Commands that can be pasted as they are: no comments, which zsh does not take at its prompt, no exclamation marks,
 * which bash expands there; an address of their own each time, so that they work twice.
 */
export function transcript({ appUrl, hasMailbox }: Home): string {
  const steps = [SIGN_IN, ...(hasMailbox ? [RECOVER] : []), LOG_OUT].join('\n\n');
  return `APP='${appUrl}'\n${steps}`;
}

const SIGN_IN = String.raw`JSON='Content-Type: application/json'
EMAIL="ada.$(date +%s)@example.com"
PASSWORD='correct horse battery staple'

curl -sS -w '\n' "$APP/auth/register" -H "$JSON" -d '{"email":"'"$EMAIL"'","password":"'"$PASSWORD"'","name":"Ada Lovelace","company":"Analytical Engines"}'

TOKENS=$(curl -sS "$APP/auth/token" -H "$JSON" -d '{"username":"'"$EMAIL"'","password":"'"$PASSWORD"'"}')
ACCESS=$(echo "$TOKENS" | grep -o '"access_token":"[^"]*' | cut -d '"' -f 4)
REFRESH=$(echo "$TOKENS" | grep -o '"refresh_token":"[^"]*' | cut -d '"' -f 4)
curl -sS -w '\n' "$APP/protected" -H "Authorization: Bearer $ACCESS"
curl -sS -w '\n' "$APP/me" -H "Authorization: Bearer $ACCESS"

curl -sS -w '\n' "$APP/auth/refresh" -H "$JSON" -d '{"refresh_token":"'"$REFRESH"'"}'`;

const RECOVER = String.raw`curl -sS -w '\n' "$APP/auth/forgot-password" -H "$JSON" -d '{"email":"'"$EMAIL"'"}'
TOKEN=$(curl -sS "$APP/dev/mailbox.json" | grep -o 'reset?token=[A-Za-z0-9_-]*' | head -n 1 | cut -d '=' -f 2)
curl -sS -w '\n' "$APP/auth/forgot-password/validate" -H "$JSON" -d '{"token":"'"$TOKEN"'"}'
PASSWORD='wrong donkey charger paperclip'
curl -sS -w '\n' "$APP/auth/reset-password" -H "$JSON" -d '{"token":"'"$TOKEN"'","password":"'"$PASSWORD"'"}'

TOKENS=$(curl -sS "$APP/auth/token" -H "$JSON" -d '{"username":"'"$EMAIL"'","password":"'"$PASSWORD"'"}')
ACCESS=$(echo "$TOKENS" | grep -o '"access_token":"[^"]*' | cut -d '"' -f 4)`;

const LOG_OUT = String.raw`curl -sS -w '%{http_code}\n' -X POST "$APP/auth/logout" -H "Authorization: Bearer $ACCESS"
curl -sS -w '\n' "$APP/protected" -H "Authorization: Bearer $ACCESS"`;
