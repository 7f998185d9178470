import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, assert, beforeAll, describe, test } from 'vitest'
import { stringify } from 'yaml'
import { alerts } from '../../dashboards/alerts/alerts.ts'
import { exampleTest } from '../../dashboards/alerts/ruleFile.ts'
import { promtool } from './promtool.ts'

const GENERATED = join(import.meta.dirname, '../../dashboards/generated/prometheus')
const RULES = join(GENERATED, 'rules/sluice.yaml')
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-rules-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('promtool finds nothing wrong with the rule file', async () => {
  await promtool('check', 'rules', '--lint-fatal', RULES)
})

test('promtool finds nothing wrong with the scrape configuration', async () => {
  await promtool('check', 'config', '--syntax-only', join(GENERATED, 'prometheus.yaml'))
})

for (const alert of alerts) {
  describe(alert.name, () => {
    for (const [index, example] of alert.examples.entries()) {
      test(`${example.firing.length > 0 ? 'fires' : 'is quiet'}: ${example.name}`, async () => {
        const path = join(folder, `${alert.name}-${index}.yaml`)
        await writeFile(path, stringify(exampleTest(RULES, alert, example)))
        await promtool('test', 'rules', path)
      })
    }
    test('is shown both to fire and to be quiet', () => {
      assert.isTrue(alert.examples.some(({ firing }) => firing.length > 0))
      assert.isTrue(alert.examples.some(({ firing }) => firing.length === 0))
    })
  })
}
