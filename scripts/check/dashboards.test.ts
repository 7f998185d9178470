import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, assert, test } from 'vitest'
import { checkDashboardSchema, checkRendered } from './dashboards.ts'

const trees: string[] = []
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

/** A checkout in which nothing is, with what stands next to it. */
function plantCheckout(schemas: Record<string, object> | null = null): string {
  const tree = mkdtempSync(join(tmpdir(), 'dashboards-'))
  trees.push(tree)
  const root = join(tree, 'main')
  mkdirSync(root)
  if (schemas === null) return root
  const folder = join(tree, 'shared/data/grafana-jsonschema')
  mkdirSync(folder, { recursive: true })
  for (const [name, schema] of Object.entries(schemas)) {
    writeFileSync(join(folder, `${name}.jsonschema.json`), JSON.stringify(schema))
  }
  return root
}

test('what was never rendered is not fresh', async () => {
  const findings = await checkRendered(plantCheckout())
  assert.include(findings, 'dashboards/generated/prometheus/rules/sluice.yaml is not fresh. Run: npm run render')
  assert.include(findings, 'dashboards/generated/grafana/dashboards/queues.json is not fresh. Run: npm run render')
})

test('a dashboard or a query that Grafana would not read is found', async () => {
  const root = plantCheckout({
    dashboard: { properties: { uid: { type: 'number' } } },
    prometheus: { properties: { instant: { type: 'string' } } },
  })
  const findings = await checkDashboardSchema(root)
  assert.deepInclude(findings as string[], 'Sluice / Cluster/uid must be number')
  assert.deepInclude(findings as string[], 'Sluice / Cluster, a query/instant must be string')
})

test('where the schemas are not at hand, the check says so', async () => {
  assert.deepEqual(await checkDashboardSchema(plantCheckout()), {
    skipped: 'there is no folder shared/data/grafana-jsonschema next to the checkout',
  })
})
