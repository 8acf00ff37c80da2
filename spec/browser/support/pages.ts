import type { Page } from 'playwright-core';
import type { Account } from './example.js';

/** Sends the form of the login, where a page shows it. */
export async function submitLogin(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Logs in by the page for it, which leads to the account. */
export async function logIn(
  page: Page,
  url: string,
  account: Account,
  { remember = true } = {},
): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel('Stay signed in').setChecked(remember);
  await submitLogin(page, account);
  await page.waitForURL(`${url}/account`);
}
