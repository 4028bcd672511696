import { describe, expect, test } from 'vitest';
import type { Digest } from '../oci/digest.ts';
import { exitCodeOfVerification, type VerifiedTag, verificationOf } from './verification.ts';
import { renderVerification } from './verification-formats.ts';

const digest = `sha256:${'a'.repeat(64)}` as Digest;
const other = `sha256:${'b'.repeat(64)}` as Digest;

const place = (tag: string) => ({
  stage: 'all',
  source: `hub.example.com/app${tag}`,
  destination: `dr.example.com:5000/app${tag}`,
});
const damaged: VerifiedTag = {
  ...place(':v1'),
  state: 'damaged',
  digest,
  damages: [
    { what: 'blob', digest: other, problem: 'missing' },
    { what: 'manifest', digest, problem: 'wrong content' },
  ],
};
const differs: VerifiedTag = { ...place(':v2'), state: 'differs', reason: 'missing at the destination' };
const repaired: VerifiedTag = { ...damaged, ...place(':v3'), state: 'repaired' };
const unknown: VerifiedTag = {
  ...place(''),
  state: 'unknown',
  error: {
    code: 'E_UNREACHABLE',
    failure: 'temporary',
    message: 'the server is down',
    side: 'source',
    serverSaid: '<b>"no" & no</b> | `x`',
    hint: '=cmd()',
  },
};
const noStage: VerifiedTag = { ...unknown, source: 'hub.example.com', destination: 'dr.example.com:5000' };
const found = verificationOf('dr.yaml', 12, [damaged, differs, repaired, unknown, noStage]);
const whole = verificationOf('dr.yaml', 12, []);

describe('JUnit', () => {
  test('has a case for all that is whole, and one for each tag that is not', () => {
    const xml = renderVerification(found, 'junit');
    expect(xml).toContain('<testsuites name="tranship verify" tests="6" failures="2" errors="2" skipped="0">');
    expect(xml.match(/<testcase /g)).toHaveLength(6);
    expect(xml).toContain('name="12 tags whole, 1 differ, 1 damaged, 1 repaired, 2 not found out"/>');
    expect(xml).toMatch(/<testcase classname="all: dr\.example\.com:5000\/app" name="v1">\s+<failure type="damaged"/);
    expect(xml).toMatch(/name="v3">\s+<system-out>repaired/);
  });

  test('names the repository or the registry where no tag could be looked at, and escapes what a server said', () => {
    const xml = renderVerification(found, 'junit');
    expect(xml).toMatch(
      /classname="all: dr\.example\.com:5000\/app" name="the repository">\s+<error type="E_UNREACHABLE"/,
    );
    expect(xml).toContain('classname="all: dr.example.com:5000" name="its repositories"');
    expect(xml).toContain('&lt;b&gt;&quot;no&quot; &amp; no&lt;/b&gt;');
    expect(xml).not.toContain('<b>');
  });

  test('is a run of one passed case where everything is whole', () => {
    const xml = renderVerification(whole, 'junit');
    expect(xml).toContain('tests="1" failures="0" errors="0"');
    expect(xml).not.toMatch(/<failure|<error/);
  });
});

describe('Markdown', () => {
  test('lists what is wrong first and folds what was repaired', () => {
    const text = renderVerification(found, 'markdown');
    expect(text).toMatch(/^## ❌ tranship verify: 12 tags whole, 1 differ/);
    expect(text.indexOf('app:v1')).toBeLessThan(text.indexOf('<details><summary>1 repaired'));
    expect(text).toContain('`blob sha256:bbbbbbbbbbbb…  missing`<br>`manifest sha256:aaaaaaaaaaaa…  wrong content`');
    expect(text).not.toContain('<b>');
  });

  test('is short where everything is whole', () => {
    expect(renderVerification(whole, 'markdown')).toBe('## ✅ tranship verify: 12 tags whole\n\n`dr.yaml`\n');
  });

  test('counts a run that repaired everything as good', () => {
    expect(renderVerification(verificationOf('a', 1, [repaired]), 'markdown')).toContain('## ✅');
  });
});

describe('CSV', () => {
  test('has a line for each damage, and one for a tag with none', () => {
    const lines = renderVerification(found, 'csv').split('\r\n');
    expect(lines[0]).toBe(
      'stage,source,destination,state,digest,reason,damaged,damaged_digest,problem,error_code,error_side,error,server_said,hint',
    );
    expect(lines).toHaveLength(1 + 2 + 1 + 2 + 1 + 1 + 1);
    expect(lines[1]).toBe(
      `all,hub.example.com/app:v1,dr.example.com:5000/app:v1,damaged,${digest},,blob,${other},missing,,,,,`,
    );
  });

  test('holds no formula that a server wrote', () => {
    expect(renderVerification(found, 'csv')).toContain(",'=cmd()\r\n");
  });
});

describe('JSON', () => {
  test('is the verification itself', () => {
    expect(JSON.parse(renderVerification(found, 'json'))).toEqual(found);
  });
});

describe('the exit code', () => {
  test.each([
    ['0 where everything is whole', whole, 0],
    ['0 where everything was repaired', verificationOf('a', 0, [repaired]), 0],
    ['3 where some is damaged', verificationOf('a', 1, [damaged]), 3],
    ['1 where all is damaged', verificationOf('a', 0, [damaged]), 1],
    ['75 where nothing could be looked at for now', verificationOf('a', 0, [unknown]), 75],
  ])('is %s', (_, verification, code) => {
    expect(exitCodeOfVerification(verification)).toBe(code);
  });
});
