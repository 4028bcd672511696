import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Redactor, redact, registerSecret } from './redact.ts';

describe('redaction by place', () => {
  test.each([
    ['Authorization: Bearer abc.DEF-123', 'Authorization: [redacted]'],
    ['authorization: Basic dXNlcjpwYXNz', 'authorization: [redacted]'],
    ['Proxy-Authorization: Basic dXNlcjpwYXNz', 'Proxy-Authorization: [redacted]'],
    ['sent Bearer abcDEF123456', 'sent Bearer [redacted]'],
    ['sent Basic dXNlcjpwYXNz', 'sent Basic [redacted]'],
    ['Basic authentication is needed', 'Basic authentication is needed'],
    ['Bearer realm="https://auth.example.com/token"', 'Bearer realm="https://auth.example.com/token"'],
    ['https://u:p@registry.example.com/', 'https://[redacted]@registry.example.com/'],
    ['https://cdn.example.com/x?X-Amz-Signature=ab12&b=1', 'https://cdn.example.com/x?X-Amz-Signature=[redacted]&b=1'],
    ['/v2/x?a=1&_state=zzz%3D', '/v2/x?a=1&_state=[redacted]'],
    ['https://acr.example.com/x?sig=a%2Bb&se=1', 'https://acr.example.com/x?sig=[redacted]&se=1'],
    ['token=abc123 and more', 'token=[redacted] and more'],
    ['{"token":"abc","expires_in":60}', '{"token":"[redacted]","expires_in":60}'],
    ['{"refresh_token": "abc"}', '{"refresh_token": "[redacted]"}'],
    ['nothing to hide at registry.example.com:5000/app', 'nothing to hide at registry.example.com:5000/app'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test('does not change what was redacted already', () => {
    const once = redact('Authorization: Basic dXNlcjpwYXNz https://h/?token=abc&sig=x {"password":"p"}');
    expect(redact(once)).toBe(once);
  });
});

describe('registered secrets', () => {
  test.each(['p@ss word/1', 'ümläut-password', 'plain-token-123', 'a"quoted"one', 'x=y&z=1+2'])(
    '%s vanishes in every form',
    (value) => {
      const redactor = new Redactor();
      redactor.register(value);
      const base64 = Buffer.from(value).toString('base64');
      const forms = [value, base64, base64.replace(/=+$/u, ''), encodeURIComponent(value), JSON.stringify(value)];
      for (const form of forms) {
        const clean = redactor.text(`before ${form} after`);
        expect(clean).not.toContain(value);
        expect(clean).not.toContain(base64.slice(0, 8));
        expect(clean).toMatch(/^before .*\[redacted\].* after$/u);
      }
    },
  );

  test('vanish wherever they stand', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!'[redacted]'.includes(secret) && !before.includes(secret) && !after.includes(secret));
        const redactor = new Redactor();
        redactor.register(secret);
        expect(redactor.text(`${before}\n${secret}\n${after}`)).not.toContain(`\n${secret}\n`);
      }),
    );
  });

  test('that are too short to be any are left, or every word would go', () => {
    const redactor = new Redactor();
    redactor.register('');
    redactor.register('abc');
    expect(redactor.text('abc')).toBe('abc');
  });

  test('are shared by the whole process', () => {
    registerSecret('shared-canary-1');
    expect(redact('x shared-canary-1')).toBe('x [redacted]');
  });
});
