import { expect, test } from 'vitest';
import { addressClass, hostClass, isLoopback } from './address.ts';

test.each([
  ['93.184.216.34', 'public'],
  ['8.8.8.8', 'public'],
  ['2606:4700::1111', 'public'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.15.0.1', 'public'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['100.128.0.1', 'public'],
  ['127.0.0.1', 'private'],
  ['::1', 'private'],
  ['fd00::1', 'private'],
  ['fc00::1', 'private'],
  ['0.0.0.0', 'forbidden'],
  ['0.1.2.3', 'forbidden'],
  ['169.254.169.254', 'forbidden'],
  ['100.100.100.200', 'forbidden'],
  ['224.0.0.1', 'forbidden'],
  ['255.255.255.255', 'forbidden'],
  ['::', 'forbidden'],
  ['fe80::1', 'forbidden'],
  ['fe80::1%eth0', 'forbidden'],
  ['ff02::1', 'forbidden'],
  ['fd00:ec2::254', 'forbidden'],
  ['::ffff:10.0.0.1', 'private'],
  ['::ffff:169.254.169.254', 'forbidden'],
  ['::ffff:a9fe:a9fe', 'forbidden'],
  ['::ffff:8.8.8.8', 'public'],
  ['::ffff:0:169.254.169.254', 'forbidden'],
  ['::169.254.169.254', 'forbidden'],
  ['64:ff9b::169.254.169.254', 'forbidden'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['64:ff9b::8.8.8.8', 'public'],
  ['2002:a9fe:a9fe::1', 'forbidden'],
  ['2002:a00:1::1', 'private'],
  ['[::1]', 'private'],
  ['not an address', 'forbidden'],
  ['', 'forbidden'],
])('%s is %s', (address, expected) => {
  expect(addressClass(address)).toBe(expected);
});

test.each([
  ['localhost', 'private'],
  ['LOCALHOST', 'private'],
  ['a.localhost', 'private'],
  ['metadata.google.internal', 'forbidden'],
  ['registry.example.com', undefined],
  ['[fe80::1]', 'forbidden'],
])('the host %s is %s', (host, expected) => {
  expect(hostClass(host)).toBe(expected);
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['[::1]', true],
  ['127.example.com', false],
  ['localhost.example.com', false],
  ['10.0.0.1', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
