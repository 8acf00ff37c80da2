import { expect } from 'chai';
import type { Request, Response } from 'express';
import { loopbackOnly } from '../../example-app/loopback-only.js';

describe('what is for loopback names alone', () => {
  /** What `next` is given. */
  const passedOn = (host: string | undefined): unknown[] => {
    const given: unknown[] = [];
    loopbackOnly({ headers: { host } } as Request, {} as Response, (...args) => given.push(...args));
    return given;
  };

  for (const host of [
    'localhost',
    'LocalHost:3000',
    'a.localhost',
    'a.b-c.localhost:1',
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:3000',
  ]) {
    it(`is there by ${host} (hold 88)`, () => {
      expect(passedOn(host)).to.deep.equal([]);
    });
  }

  for (const host of [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.example#localhost',
    'user@localhost',
    'localhost@evil.example',
    'evillocalhost',
    '.localhost',
    '127.0.0.1.evil.example',
    '127x0x0x1',
    '[::2]',
    '0.0.0.0',
    '192.168.1.1',
    'localhost:',
    'localhost:80:80',
    'localhost\n',
  ]) {
    it(`is not there by ${JSON.stringify(host)} (hold 88)`, () => {
      expect(passedOn(host)).to.deep.equal(['router']);
    });
  }
});
