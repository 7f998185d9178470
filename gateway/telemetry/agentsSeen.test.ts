import { assert, onTestFinished, test } from 'vitest'
import { readSamplers } from '../../platform/telemetry/metrics.ts'
import { createAgentsSeen } from './agentsSeen.ts'

test('an agent that falls silent is away, and its last call is remembered', async () => {
  let nowMs = 1_000_000
  const agents = createAgentsSeen({ nowMs: () => nowMs })
  onTestFinished(() => agents.stop())
  const told = async (name: string) =>
    (await readSamplers())
      .find((each) => each.name === name)
      ?.values.map(({ labels, value }) => [labels.cluster, value])

  assert.deepEqual(await told('sluice_link_agent_connected'), [])
  agents.seen('a')
  nowMs += 10_000
  agents.seen('b')
  assert.deepEqual(await told('sluice_link_agent_connected'), [
    ['a', 1],
    ['b', 1],
  ])
  nowMs += 10_000
  assert.deepEqual(await told('sluice_link_agent_connected'), [
    ['a', 0],
    ['b', 1],
  ])
  assert.deepEqual(await told('sluice_link_agent_last_seen_timestamp_seconds'), [
    ['a', 1_000],
    ['b', 1_010],
  ])
})
