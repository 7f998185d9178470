import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { trace, traceTest } from '../../test/testkit/trace.ts'
import { readDemands, readNodes, readPods } from './trace.ts'

let path = ''
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'trace-')), 'trace.csv')
})
afterAll(() => rm(join(path, '..'), { recursive: true }))

const NODES = 'sn,cpu_milli,memory_mib,gpu,model'
const PODS =
  'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time'

async function nodesOf(...lines: string[]) {
  await writeFile(path, lines.join('\n'))
  return readNodes(path)
}
async function podsOf(...lines: string[]) {
  await writeFile(path, lines.join('\n'))
  return readPods(path)
}

describe('nodes', () => {
  test('with GPUs and without', async () => {
    expect(await nodesOf(NODES, 'n-0,64000,262144,2,P100', 'n-1,32000,131072,0,')).toEqual([
      { name: 'n-0', cpuMilli: 64_000, memoryMiB: 262_144, gpus: 2, model: 'P100' },
      { name: 'n-1', cpuMilli: 32_000, memoryMiB: 131_072, gpus: 0, model: null },
    ])
  })

  const corrupt: Record<string, { line: string; says: string }> = {
    'GPUs of no model': { line: 'n-1,1,1,8,', says: 'model "" is empty' },
    'a name Kubernetes refuses': { line: 'Node 1,1,1,0,', says: 'sn "Node 1" is no name in Kubernetes' },
    'a model that is no label': { line: 'n-1,1,1,1,A 10', says: 'model "A 10" is no name in Kubernetes' },
    'half a GPU': { line: 'n-1,1,1,0.5,A10', says: 'gpu "0.5" is no whole number' },
    'a name that was there': { line: 'n-0,1,1,0,', says: 'sn "n-0" is on an earlier line already' },
  }
  for (const [name, { line, says }] of Object.entries(corrupt)) {
    test(`refused: ${name}`, async () => {
      await expect(nodesOf(NODES, 'n-0,1,1,0,', line)).rejects.toMatchObject({
        code: 'TRACE_INVALID',
        message: `${path}:3: ${says}.`,
      })
    })
  }
})

describe('pods', () => {
  const POD = {
    row: 0,
    name: 'p',
    cpuMilli: 4000,
    memoryMiB: 512,
    gpus: 1,
    gpuMilli: 460,
    models: [],
    class: 'INFERENCE',
    createdSeconds: 100,
    runSeconds: 50,
  }
  const good: Record<string, { line: string; want: object }> = {
    'a share of one GPU': { line: 'p,4000,512,1,460,,LS,Running,100,170,120', want: {} },
    'several GPUs of two models': {
      line: 'p,4000,512,8,1000,V100M16|V100M32,LS,Running,100,170,120',
      want: { gpus: 8, gpuMilli: 1000, models: ['V100M16', 'V100M32'] },
    },
    'no GPU': { line: 'p,4000,512,0,0,,LS,Running,100,170,120', want: { gpus: 0, gpuMilli: 0 } },
    'whole numbers written as decimals': { line: 'p,4000.0,512,1,460,,LS,Running,100.0,170.00,120.0', want: {} },
    'never scheduled: from its creation': {
      line: 'p,4000,512,1,460,,LS,Pending,100,170,',
      want: { runSeconds: 70 },
    },
    'ended as it started': { line: 'p,4000,512,1,460,,LS,Running,100,120,120', want: { runSeconds: 0 } },
    BE: { line: 'p,4000,512,1,460,,BE,Running,100,170,120', want: { class: 'BATCH' } },
    Burstable: { line: 'p,4000,512,1,460,,Burstable,Running,100,170,120', want: { class: 'INTERACTIVE' } },
    Guaranteed: { line: 'p,4000,512,1,460,,Guaranteed,Running,100,170,120', want: { class: 'TRAINING' } },
  }
  for (const [name, { line, want }] of Object.entries(good)) {
    test(name, async () => {
      expect(await podsOf(PODS, line)).toEqual([{ ...POD, ...want }])
    })
  }

  test('columns may come in any order, with others among them and a byte order mark before them', async () => {
    const columns = PODS.split(',').toReversed()
    const values = 'p,4000,512,1,460,,LS,Running,100,170,120'.split(',').toReversed()
    expect(await podsOf(`\ufeff${columns.join(',')},note`, `${values.join(',')},"a, b"`)).toEqual([POD])
  })

  const corrupt: Record<string, { line: string; says: string }> = {
    'no name': { line: ',1,1,0,0,,LS,Running,0,1,0', says: 'name "" is empty' },
    'a name that was there': {
      line: 'p-0,1,1,0,0,,LS,Running,0,1,0',
      says: 'name "p-0" is on an earlier line already',
    },
    'words for a number': { line: 'p,many,1,0,0,,LS,Running,0,1,0', says: 'cpu_milli "many" is no whole number' },
    'nothing for a number': { line: 'p,1,,0,0,,LS,Running,0,1,0', says: 'memory_mib "" is no whole number' },
    'less than nothing': { line: 'p,1,-1,0,0,,LS,Running,0,1,0', says: 'memory_mib "-1" is no whole number' },
    'a number beyond all sense': {
      line: 'p,1,1,9999999999999,1000,,LS,Running,0,1,0',
      says: 'num_gpu "9999999999999" is no whole number',
    },
    'no part of a GPU': { line: 'p,1,1,1,0,,LS,Running,0,1,0', says: 'gpu_milli "0" is not between 1 and 1000' },
    'more than a GPU of each': {
      line: 'p,1,1,1,1001,,LS,Running,0,1,0',
      says: 'gpu_milli "1001" is not between 1 and 1000',
    },
    'a share of several': {
      line: 'p,1,1,2,500,,LS,Running,0,1,0',
      says: 'gpu_milli "500" is a share of more than one GPU',
    },
    'an unknown quality of service': {
      line: 'p,1,1,0,0,,XX,Running,0,1,0',
      says: 'qos "XX" is none of LS, BE, Burstable, Guaranteed',
    },
    'an end before the start': { line: 'p,1,1,0,0,,LS,Running,0,4,5', says: 'deletion_time "4" is before the start' },
    'no end': { line: 'p,1,1,0,0,,LS,Running,0,,5', says: 'deletion_time "" is no whole number' },
    'half a second': { line: 'p,1,1,0,0,,LS,Running,0.5,4,', says: 'creation_time "0.5" is no whole number' },
  }
  for (const [name, { line, says }] of Object.entries(corrupt)) {
    test(`refused: ${name}`, async () => {
      await expect(podsOf(PODS, 'p-0,1,1,0,0,,LS,Running,0,1,0', line)).rejects.toMatchObject({
        code: 'TRACE_INVALID',
        message: `${path}:3: ${says}.`,
      })
    })
  }
})

describe('what pods ask', () => {
  test('is read without times, class and models', async () => {
    await writeFile(path, 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,4000,512,1,460\nq,1,1,0,0')
    expect(await readDemands(path)).toEqual([
      { name: 'p', cpuMilli: 4000, memoryMiB: 512, gpus: 1, gpuMilli: 460, models: [] },
      { name: 'q', cpuMilli: 1, memoryMiB: 1, gpus: 0, gpuMilli: 0, models: [] },
    ])
  })

  test('may name models, and pods of one name are refused here too', async () => {
    await writeFile(path, 'name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\np,1,1,1,1000,T4|P100')
    expect(await readDemands(path)).toMatchObject([{ models: ['T4', 'P100'] }])
    await writeFile(path, 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\np,1,1,0,0\np,1,1,0,0')
    await expect(readDemands(path)).rejects.toThrow('name "p" is on an earlier line already')
  })
})

describe('files', () => {
  test('lines are counted as an editor counts them: empty ones, quoted line breaks and CRLF', async () => {
    const text = `${NODES}\r\n\r\nn-0,1,1,0,"a\r\nb"\r\nn-1,x,1,0,`
    await expect(nodesOf(text)).rejects.toThrow(`${path}:5: cpu_milli "x" is no whole number.`)
  })

  test('a line with a value too few is named', async () => {
    await expect(nodesOf(NODES, 'n-0,1,1,0,', 'n-1,1,1')).rejects.toThrow(new RegExp(`^${path}:3: `))
  })

  test('a quote that never ends is named', async () => {
    await expect(nodesOf(NODES, 'n-0,1,1,0,"')).rejects.toThrow(new RegExp(`^${path}:2: `))
  })

  test('columns that are missing are named, all of them', async () => {
    await expect(nodesOf('sn,cpu_milli,memory_mib', 'n-0,1,1')).rejects.toMatchObject({
      message: `${path}:1: there is no column gpu, model.`,
      fix: 'It takes sn, cpu_milli, memory_mib, gpu, model.',
    })
  })

  for (const [name, text] of Object.entries({ 'an empty file': '', 'a header alone': NODES })) {
    test(`${name} is no trace`, async () => {
      await expect(nodesOf(text)).rejects.toThrow(`${path} has no lines below its header.`)
    })
  }

  test('a file that is not there is named', async () => {
    const missing = join(path, '..', 'missing.csv')
    await expect(readPods(missing)).rejects.toMatchObject({
      code: 'TRACE_INVALID',
      message: expect.stringContaining(missing),
    })
  })
})

describe('the production trace', () => {
  traceTest('is read whole', async () => {
    const [nodes, pods] = await Promise.all([readNodes(trace.nodes), readPods(trace.pods)])
    expect(nodes).toHaveLength(1_213)
    expect(nodes.reduce((sum, { gpus }) => sum + gpus, 0)).toBe(6_212)
    expect(pods).toHaveLength(8_152)
    const byClass = Object.groupBy(pods, (pod) => pod.class)
    expect(Object.fromEntries(Object.entries(byClass).map(([name, of]) => [name, of?.length]))).toEqual({
      INFERENCE: 4_647,
      BATCH: 3_398,
      INTERACTIVE: 100,
      TRAINING: 7,
    })
    expect(pods.filter(({ gpus, gpuMilli }) => gpus === 1 && gpuMilli < 1_000)).toHaveLength(3_078)
    expect(pods.filter(({ gpus }) => gpus > 1)).toHaveLength(75)
    expect(pods.filter(({ gpus }) => gpus === 0)).toHaveLength(1_088)
  })

  traceTest('in the variant without times is refused by the columns it lacks', async () => {
    await expect(readPods(trace.podsWithoutTimes)).rejects.toThrow(
      `${trace.podsWithoutTimes}:1: there is no column gpu_spec, qos, creation_time, deletion_time, scheduled_time.`,
    )
  })
})
