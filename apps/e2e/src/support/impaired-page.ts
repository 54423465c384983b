import type { ImpairedPath } from '@sluice/testing';
import type { Page } from 'playwright-core';

/** Lets the media of a page come and go through a bad network; its HTTP requests are not affected. Call it before the page publishes or plays. */
export async function leadThrough(page: Page, path: ImpairedPath): Promise<void> {
  await page.route(/\/(whip|whep)\//, async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    const isAnswer = route.request().method() === 'POST' && response.status() === 201;
    await route.fulfill({ response, body: isAnswer ? path.replaceCandidates(body) : body });
  });
}
