import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { eventually } from '#testing';
import { LiveConnection } from './live-connection.js';

describe('an agent’s connection', () => {
  let server: WebSocketServer;
  let onMessage: (socket: WebSocket) => void;
  let lost: { why: string; waitMs: number }[];
  let ended: AbortController;
  beforeEach(async () => {
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    server.on('connection', (socket) => socket.on('message', () => onMessage(socket)));
    lost = [];
    ended = new AbortController();
  });
  afterEach(() => {
    ended.abort();
    server.close();
  });

  const open = (): void => {
    const live: LiveConnection = new LiveConnection(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      'credential',
      {
        woken: () => void live.heartbeat({ epoch: 0, seq: 0, agent_version: 'test' }),
        lost: (why, waitMs) => lost.push({ why, waitMs }),
      },
      ended.signal,
    );
  };

  it('is tried later each time where the platform lets it in and answers nothing', async () => {
    onMessage = (socket) => socket.close(1011, 'try again');
    open();
    await eventually(async () => lost.length === 4, 'it to be lost four times');
    expect(lost.map(({ why }) => why)).toEqual(lost.map(() => 'closed with 1011'));
    // Half of a second to a whole one, and twice as much before the last: at the first, an eighth of a second to a quarter.
    expect(lost[2]?.waitMs).toBeGreaterThanOrEqual(500);
    expect(lost[3]?.waitMs).toBeGreaterThanOrEqual(1_000);
  });

  it('is tried again soon where it was of use', async () => {
    onMessage = (socket) => {
      socket.send(JSON.stringify({ type: 'ack', epoch: 0, seq: 0, in_sync: true }));
      socket.close(1011, 'try again');
    };
    open();
    await eventually(async () => lost.length === 4, 'it to be lost four times');
    expect(Math.max(...lost.map(({ waitMs }) => waitMs))).toBeLessThanOrEqual(250);
  });
});
