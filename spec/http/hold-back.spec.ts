import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { Response } from 'express';
import { holdBack } from '../../lib/http/hold-back.js';

/** What is asked of a response. */
const createResponse = () => new EventEmitter() as EventEmitter & Response;

describe('holdBack', () => {
  it('lets a thousand wait, and no more', async () => {
    const responses = Array.from({ length: 1000 }, createResponse);
    const waiting = responses.map(holdBack);
    let isOver = false;
    const first = waiting[0]?.then(() => {
      isOver = true;
    });
    await holdBack(createResponse());
    expect(isOver).to.equal(false);
    // Who goes waits no longer.
    for (const response of responses) response.emit('close');
    await Promise.all([...waiting, first]);
    expect(responses.map((response) => response.listenerCount('close'))).to.deep.equal(
      responses.map(() => 0),
    );
  });

  it('ends by itself', () => holdBack(createResponse()));
});
