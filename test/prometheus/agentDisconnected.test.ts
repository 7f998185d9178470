import { afterAll, assert, expect, test } from 'vitest'
import { agentDisconnected } from '../../dashboards/alerts/agentDisconnected.ts'
import { ruleFile } from '../../dashboards/alerts/ruleFile.ts'
import { startCloud } from '../testkit/cloud.ts'
import { until } from '../testkit/until.ts'
import { opsTargets } from './opsTargets.ts'
import { startPrometheus } from './prometheus.ts'

/** The rule as it is shipped, but for its minutes. */
const impatient = agentDisconnected({ awaySeconds: 8, for: '2s' })

const cloud = await startCloud(afterAll)
const prometheus = await startPrometheus(afterAll, { ...opsTargets(cloud), rules: ruleFile([impatient], '1s') })

test('an agent that is killed is told of, and told off again when it is back', async () => {
  const firing = async () => (await prometheus.alerts()).filter(({ state }) => String(state) === 'firing')
  const gateway = `sluice_link_agent_last_seen_timestamp_seconds`
  await until(
    'the agent has been seen',
    async () => (await prometheus.instantQuery(gateway)).result,
    (series) => series.length === 1,
  )
  assert.isEmpty(await firing())

  await cloud.roles.kill('agent')
  const [alert, ...others] = await until('somebody is told', firing, (alerts) => alerts.length > 0)
  assert.isEmpty(others)
  assert(alert)
  expect(alert.labels).toMatchObject({ alertname: 'SluiceAgentDisconnected', cluster: 'local', severity: 'critical' })
  expect(alert.annotations).toMatchObject({ summary: 'The agent of cluster local is away.' })

  await cloud.roles.start('agent')
  await until('all is well again', firing, (alerts) => alerts.length === 0)
})
