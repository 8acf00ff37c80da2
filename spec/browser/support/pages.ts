import type { Page } from 'playwright-core';
import type { Account } from './example.js';

/** Logs in by the page for it, which leads to the account. */
export async function logIn(
  page: Page,
  url: string,
  { email, password }: Account,
  { remember = true } = {},
): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Stay signed in').setChecked(remember);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${url}/account`);
}
