import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readConfig } from './load.ts';
import { configSchema } from './schema.ts';

const guide = readFileSync(new URL('../../docs/guide/configuration.md', import.meta.url), 'utf8');

describe('the guide to the configuration', () => {
  const samples = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);

  test.each(samples)('its sample is valid: %#', (text) => {
    expect(readConfig(text, 'guide.yaml').config.stages.length).toBeGreaterThan(0);
  });

  test('names every key of a stage and of a registry', () => {
    const stage = Object.keys(configSchema.shape.stages.element.shape);
    const registry = Object.keys(configSchema.shape.registries.valueType.shape);
    expect([...stage, ...registry].filter((key) => !guide.includes(`\`${key}\``))).toEqual([]);
  });
});
