import { afterEach, assert, describe, expect, test } from 'vitest'
import { annotations } from '../../names.ts'
import type { Pod } from '../../objects.ts'
import { gpuNode, startTestCluster, TENANT, type TestCluster, testJob, UNSUSPEND } from '../testkit.ts'
import type { SimulatedNode } from './simulatedNode.ts'

let cloud: TestCluster
afterEach(() => cloud.stop())

/** A pod of a Job that was just admitted, not bound yet. */
async function waitingPod(name: string, wanted: Parameters<typeof testJob>[0]): Promise<Pod> {
  const job = testJob(wanted)
  await cloud.cluster.apply('Job', { ...job, metadata: { ...job.metadata, name } })
  await cloud.cluster.patch('Job', { namespace: 't', name }, UNSUSPEND)
  await cloud.settle()
  const pod = (await cloud.pods()).find(({ metadata, spec }) => metadata.name?.startsWith(name) && !spec?.nodeName)
  assert(pod)
  return pod
}
const current = (pod: Pod) => cloud.cluster.get('Pod', { namespace: 't', name: pod.metadata.name as string })
const remove = (pod: Pod) => cloud.cluster.delete('Pod', { namespace: 't', name: pod.metadata.name as string })

describe('a node', () => {
  test('is registered with what the scheduler needs to know', async () => {
    cloud = await startTestCluster()
    const node = await cloud.cluster.get('Node', { name: gpuNode.name })
    expect(node.metadata.labels).toMatchObject({
      'sluice.dev/pool': 'h100',
      'sluice.dev/device-control': 'SIMULATED',
      'nvidia.com/gpu.product': 'NVIDIA-H100',
      'nvidia.com/gpu.memory': '81920',
    })
    expect(node.spec?.taints).toEqual([{ key: 'sluice.dev/gpu', effect: 'NoSchedule' }])
    expect(node.status?.allocatable).toMatchObject({ cpu: '32000m', memory: '131072Mi', 'nvidia.com/gpu': '4' })
    const devices = await cloud.devices(gpuNode.name)
    assert.equal(new Set(devices.map(({ uuid }) => uuid)).size, 4)
  })

  test('without GPUs has neither taint nor devices', async () => {
    const cpuNode: SimulatedNode = { ...gpuNode, name: 'cpu-1', pool: 'cpu', gpuModel: null, gpuCount: 0 }
    cloud = await startTestCluster({ nodes: [cpuNode] })
    const node = await cloud.cluster.get('Node', { name: 'cpu-1' })
    assert.isUndefined(node.spec?.taints)
    assert.isUndefined(node.status?.allocatable?.['nvidia.com/gpu'])
    expect(await cloud.devices('cpu-1')).toEqual([])
  })
})

describe('a pod', () => {
  test('starts after its image is pulled, runs for as long as it says and ends as it says', async () => {
    cloud = await startTestCluster({ startupSeconds: 3 })
    const pod = await waitingPod('job', { gpus: 2, env: { SIM_RUN_SECONDS: '10', SIM_EXIT_CODE: '9' } })
    await cloud.bind(pod, gpuNode.name, [0, 1])
    await cloud.pass(2)
    const creating = await current(pod)
    assert.equal(creating.status?.phase, 'Pending')
    assert.equal(creating.status?.containerStatuses?.[0]?.state?.waiting?.reason, 'ContainerCreating')
    await cloud.pass(1)
    const running = await current(pod)
    assert.equal(running.status?.phase, 'Running')
    assert.equal(running.status?.containerStatuses?.[0]?.state?.running?.startedAt, '2026-01-01T00:00:03Z')
    expect(running.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }))
    await cloud.pass(10)
    const ended = await current(pod)
    assert.equal(ended.status?.phase, 'Failed')
    expect(ended.status?.containerStatuses?.[0]?.state?.terminated).toEqual({
      exitCode: 9,
      reason: 'Error',
      startedAt: '2026-01-01T00:00:03Z',
      finishedAt: '2026-01-01T00:00:13Z',
    })
  })

  test('runs for 5 s and succeeds where it does not say, or says nonsense', async () => {
    cloud = await startTestCluster()
    const silent = await waitingPod('silent', {})
    const nonsense = await waitingPod('nonsense', { env: { SIM_RUN_SECONDS: 'soon', SIM_EXIT_CODE: '-1' } })
    for (const pod of [silent, nonsense]) await cloud.bind(pod, gpuNode.name)
    await cloud.pass(4)
    for (const pod of [silent, nonsense]) assert.equal((await current(pod)).status?.phase, 'Running')
    await cloud.pass(1)
    for (const pod of [silent, nonsense]) assert.equal((await current(pod)).status?.phase, 'Succeeded')
  })

  test('that is deleted while it runs ends at once, as SIGTERM ends a program', async () => {
    cloud = await startTestCluster()
    const pod = await waitingPod('job', { gpus: 1, env: { SIM_RUN_SECONDS: '600' } })
    await cloud.bind(pod, gpuNode.name, [0])
    await cloud.pass(7)
    await remove(pod)
    await cloud.settle()
    const ended = await current(pod)
    assert.equal(ended.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 143)
    assert.equal(ended.metadata.deletionGracePeriodSeconds, 0, 'only finalizers hold it now')
    expect(cloud.account().gpuSecondsByTenant).toEqual(new Map([[TENANT, '7']]))
  })

  test('that is deleted takes as long to end as it says, and its grace at most', async () => {
    cloud = await startTestCluster()
    const ends = async (stopSeconds: string, index: number) => {
      const name = `job-${stopSeconds}`
      const pod = await waitingPod(name, { gpus: 1, env: { SIM_RUN_SECONDS: '600', SIM_STOP_SECONDS: stopSeconds } })
      await cloud.bind(pod, gpuNode.name, [index])
      await cloud.settle()
      await cloud.cluster.delete(
        'Pod',
        { namespace: 't', name: pod.metadata.name as string },
        { gracePeriodSeconds: 30 },
      )
      await cloud.settle()
      return pod
    }
    const [quick, stubborn] = [await ends('20', 0), await ends('90', 1)]
    await cloud.pass(19)
    assert.equal((await current(quick)).status?.phase, 'Running')
    await cloud.pass(1)
    assert.equal((await current(quick)).status?.phase, 'Failed')
    await cloud.pass(9)
    assert.equal((await current(stubborn)).status?.phase, 'Running')
    await cloud.pass(1)
    assert.equal((await current(stubborn)).status?.phase, 'Failed')
  })

  test('that is deleted before it starts never starts', async () => {
    cloud = await startTestCluster({ startupSeconds: 5 })
    const pod = await waitingPod('job', { gpus: 1 })
    await cloud.bind(pod, gpuNode.name, [0])
    await cloud.pass(2)
    await remove(pod)
    await cloud.passAll()
    const terminated = (await current(pod)).status?.containerStatuses?.[0]?.state?.terminated
    expect(terminated).toEqual({ exitCode: 137, reason: 'ContainerStatusUnknown', finishedAt: '2026-01-01T00:00:02Z' })
  })
})

describe('admission to a node', () => {
  const rejected: Record<string, { wanted: Parameters<typeof testJob>[0]; devices: unknown; want: RegExp }> = {
    'a pod without the devices it asks for': {
      wanted: { gpus: 1 },
      devices: [],
      want: /asks for 1, its devices are no device/,
    },
    'fewer devices than it asks for': {
      wanted: { gpus: 2 },
      devices: [{ index: 0, share: '1' }],
      want: /asks for 1 \+ 1/,
    },
    'another share than it asks for': {
      wanted: { share: '0.5' },
      devices: [{ index: 0, share: '0.25' }],
      want: /asks for 0.5/,
    },
    'devices it does not ask for': { wanted: {}, devices: [{ index: 0, share: '1' }], want: /asks for no device/ },
    'a device under another’s index': {
      wanted: { gpus: 1 },
      devices: [{ index: 3, of: 0, share: '1' }],
      want: /no device GPU-/,
    },
    'the same device twice': {
      wanted: { gpus: 2 },
      devices: [
        { index: 0, share: '1' },
        { index: 0, share: '1' },
      ],
      want: /named twice/,
    },
    'what is no list of devices': { wanted: { gpus: 1 }, devices: 'broken', want: /no list of devices/ },
  }
  for (const [name, { wanted, devices, want }] of Object.entries(rejected)) {
    test(`rejects ${name}`, async () => {
      cloud = await startTestCluster()
      const all = await cloud.devices(gpuNode.name)
      const pod = await waitingPod('job', wanted)
      const written = Array.isArray(devices)
        ? devices.map(({ index, of = index, share }) => ({ index, uuid: all[of]?.uuid, model: 'NVIDIA-H100', share }))
        : devices
      await cloud.cluster.bind({
        namespace: 't',
        pod: pod.metadata.name as string,
        node: gpuNode.name,
        uid: pod.metadata.uid as string,
        annotations: { [annotations.devices]: JSON.stringify(written) },
      })
      await cloud.settle()
      const { status } = await current(pod)
      assert.equal(status?.phase, 'Failed')
      assert.equal(status?.reason, 'UnexpectedAdmissionError')
      assert.match(status?.message ?? '', want)
    })
  }

  test('rejects what does not fit beside the pods that run, and lets it in when they are gone', async () => {
    cloud = await startTestCluster({ nodes: [{ ...gpuNode, cpuMilli: 1_500 }] })
    const heavy = (name: string) => waitingPod(name, { env: { SIM_RUN_SECONDS: '10' }, spec: withCpu('1') })
    await cloud.bind(await heavy('first'), gpuNode.name)
    const second = await heavy('second')
    await cloud.bind(second, gpuNode.name)
    await cloud.settle()
    assert.equal((await current(second)).status?.reason, 'OutOfcpu')
    await cloud.pass(10)
    const third = await heavy('third')
    await cloud.bind(third, gpuNode.name)
    await cloud.settle()
    assert.equal((await current(third)).status?.phase, 'Running')
  })

  function withCpu(cpu: string) {
    const template = testJob().spec?.template
    const [container] = template?.spec?.containers ?? []
    assert(container)
    const env = [{ name: 'SIM_RUN_SECONDS', value: '10' }]
    return {
      template: {
        spec: { restartPolicy: 'Never', containers: [{ ...container, env, resources: { requests: { cpu } } }] },
      },
    }
  }
})

describe('the account', () => {
  test('counts shares of whole seconds, from admission to end, start-up included', async () => {
    cloud = await startTestCluster({ startupSeconds: 2 })
    const whole = await waitingPod('whole', { gpus: 3, env: { SIM_RUN_SECONDS: '10' } })
    const share = await waitingPod('share', { share: '0.125', env: { SIM_RUN_SECONDS: '6' } })
    await cloud.bind(whole, gpuNode.name, [0, 1, 2])
    await cloud.bind(share, gpuNode.name, [3], '0.125')
    await cloud.passAll()
    expect(cloud.account()).toMatchObject({ gpuSecondsByTenant: new Map([[TENANT, '37']]), pods: 2 })
  })

  test('shows a device that was given away twice, although the kubelet refuses the second pod', async () => {
    cloud = await startTestCluster()
    const first = await waitingPod('first', { share: '0.7', env: { SIM_RUN_SECONDS: '60' } })
    const second = await waitingPod('second', { share: '0.7', env: { SIM_RUN_SECONDS: '60' } })
    await cloud.bind(first, gpuNode.name, [0], '0.7')
    await cloud.settle()
    await cloud.bind(second, gpuNode.name, [0], '0.7')
    await cloud.settle()
    assert.equal((await current(second)).status?.reason, 'UnexpectedAdmissionError')
    const [device] = await cloud.devices(gpuNode.name)
    assert.equal(cloud.account().peakByDevice.get(device?.uuid ?? ''), 1_400)
  })

  test('sees shares that fill a device, one pod after the other, at 1.0 and no higher', async () => {
    cloud = await startTestCluster()
    for (const round of ['a', 'b']) {
      for (const half of ['1', '2']) {
        await cloud.bind(await waitingPod(`${round}${half}`, { share: '0.5' }), gpuNode.name, [0], '0.5')
      }
      await cloud.passAll()
    }
    expect([...cloud.account().peakByDevice.values()]).toEqual([1_000])
  })
})

describe('a node that fails', () => {
  test('loses its pods as disruptions, takes none, and begins what waits when it returns', async () => {
    cloud = await startTestCluster()
    const lost = await waitingPod('lost', { gpus: 1, env: { SIM_RUN_SECONDS: '600' } })
    await cloud.bind(lost, gpuNode.name, [0])
    await cloud.pass(20)
    await cloud.kubelet.failNode(gpuNode.name)
    await cloud.settle()
    const node = await cloud.cluster.get('Node', { name: gpuNode.name })
    expect(node.status?.conditions).toEqual([expect.objectContaining({ type: 'Ready', status: 'Unknown' })])
    const { status } = await current(lost)
    assert.equal(status?.phase, 'Failed')
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True' }))
    expect(cloud.account().gpuSecondsByTenant).toEqual(new Map([[TENANT, '20']]))

    await cloud.pass(10)
    const [next] = (await cloud.pods()).filter(({ spec }) => !spec?.nodeName)
    assert(next, 'a disruption is no failure, so the Job has made another pod')
    await cloud.bind(next, gpuNode.name, [0])
    await cloud.pass(30)
    assert.equal((await current(next)).status?.phase, 'Pending')
    await cloud.kubelet.recoverNode(gpuNode.name)
    await cloud.settle()
    assert.equal((await current(next)).status?.phase, 'Running')
  })
})

describe('what a pod shows', () => {
  test('its log grows as it runs, is the same whenever it is read, and can be cut', async () => {
    cloud = await startTestCluster()
    const pod = await waitingPod('job', { env: { SIM_RUN_SECONDS: '10' } })
    const ref = { namespace: 't', name: pod.metadata.name as string }
    await cloud.bind(pod, gpuNode.name)
    await cloud.pass(5)
    const half = await cloud.cluster.logs(ref)
    assert.equal(half.match(/step \d+\/10/g)?.length, 5)
    await cloud.passAll()
    const whole = await cloud.cluster.logs(ref)
    assert.isTrue(whole.startsWith(half))
    assert.match(whole, /ended with exit code 0\n$/)
    assert.equal(await cloud.cluster.logs(ref, { limitBytes: 30 }), whole.slice(0, 30))
  })

  test('telemetry tells a busy GPU from an idle one, and whose it is', async () => {
    cloud = await startTestCluster()
    const pod = await waitingPod('job', { share: '0.5', env: { SIM_RUN_SECONDS: '600' } })
    await cloud.bind(pod, gpuNode.name, [1], '0.5')
    await cloud.settle()
    const [idle, busy] = cloud.kubelet.telemetry()
    assert(idle && busy)
    expect(idle.labels).toMatchObject({ gpu: '0', modelName: 'NVIDIA-H100', Hostname: 'gpu-1', namespace: '', pod: '' })
    expect(busy.labels).toMatchObject({ gpu: '1', namespace: 't', pod: pod.metadata.name, container: 'main' })
    assert.equal(idle.DCGM_FI_DEV_GPU_UTIL, 0)
    assert.isAtLeast(busy.DCGM_FI_DEV_GPU_UTIL, 40)
    assert.isAtMost(busy.DCGM_FI_DEV_GPU_UTIL, 50)
    assert.isAbove(busy.DCGM_FI_DEV_POWER_USAGE, idle.DCGM_FI_DEV_POWER_USAGE)
    assert.isAbove(busy.DCGM_FI_DEV_FB_USED, idle.DCGM_FI_DEV_FB_USED)
    assert.equal(busy.DCGM_FI_DEV_FB_USED + busy.DCGM_FI_DEV_FB_FREE, gpuNode.gpuMemoryMiB)
    expect(cloud.kubelet.telemetry()).toEqual(cloud.kubelet.telemetry())
    await cloud.pass(60)
    assert.notDeepEqual(cloud.kubelet.telemetry()[1], busy)
  })
})
