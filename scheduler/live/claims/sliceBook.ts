import type { ResourceSlice } from '../../../kubernetes/objects.ts'
import { memoryMiB } from '../../../kubernetes/quantity.ts'
import type { AttributeValue, DeviceSpec } from '../../model/node.ts'

type Slice = ResourceSlice['spec']
type SliceDevice = NonNullable<Slice['devices']>[number]

/** The devices that drivers offer by ResourceSlices, by node. */
export class SliceBook {
  readonly #slices = new Map<string, Slice>()
  readonly #ofNode = new Map<string, Set<string>>()

  /** @returns the node whose devices may be others now; null: nobody's */
  note({ metadata, spec }: ResourceSlice, isGone: boolean): string | null {
    const name = metadata.name ?? ''
    const node = this.#slices.get(name)?.nodeName ?? spec.nodeName
    // Devices that several nodes reach are not given away here.
    if (node === undefined) return null
    if (isGone) this.#slices.delete(name)
    else this.#slices.set(name, spec)
    const names = this.#ofNode.get(node) ?? new Set()
    if (isGone) names.delete(name)
    else names.add(name)
    if (names.size === 0) this.#ofNode.delete(node)
    else this.#ofNode.set(node, names)
    return node
  }

  /** Of the newest generation of each of the node's pools, and none of a pool that is not complete. */
  devicesOn(node: string): DeviceSpec[] {
    const slices = [...(this.#ofNode.get(node) ?? [])].flatMap((name) => this.#slices.get(name) ?? [])
    const pools = Map.groupBy(slices, ({ driver, pool }) => JSON.stringify([driver, pool.name]))
    const offered = [...pools.values()].flatMap((ofPool) => {
      const newest = Math.max(...ofPool.map(({ pool }) => pool.generation))
      const current = ofPool.filter(({ pool }) => pool.generation === newest)
      return current.length === current[0]?.pool.resourceSliceCount ? current : []
    })
    const devices = offered.flatMap((slice) => (slice.devices ?? []).filter(isWhole).map((each) => read(slice, each)))
    return numbered(devices.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1)))
  }
}

/** Names a device in the whole cluster. */
export function deviceId({ driver, pool, device }: { driver: string; pool: string; device: string }): string {
  return `${driver}/${pool}/${device}`
}

/** Parts of devices, and those with conditions of their own, are not given away here. */
function isWhole({ name: _, attributes: __, capacity: ___, taints: ____, ...others }: SliceDevice): boolean {
  return Object.values(others).every((value) => value === undefined || value === false || value === null)
}

type Unnumbered = Omit<DeviceSpec, 'index'> & Required<Pick<DeviceSpec, 'claimable'>>

function read({ driver, pool }: Slice, { name, attributes, capacity, taints }: SliceDevice): Unnumbered {
  const known: Record<string, AttributeValue> = { driver }
  for (const [key, told] of Object.entries(attributes ?? {})) {
    // The client's types call it _int; on the wire it is int.
    const { string, bool, int } = told as { string?: string; bool?: boolean; int?: number }
    const value = string ?? bool ?? int
    if (value !== undefined) known[key.includes('/') ? key : `${driver}/${key}`] = value
  }
  const own = (key: string) => known[`${driver}/${key}`]
  const memory = (capacity?.memory ?? capacity?.[`${driver}/memory`])?.value
  return {
    uuid: String(own('uuid') ?? `${pool.name}/${name}`),
    model: String(own('productName') ?? own('model') ?? ''),
    memoryMiB: memory === undefined ? 0 : memoryMiB(memory, 'down'),
    healthy: !taints?.some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
    claimable: { driver, pool: pool.name, name, attributes: known },
  }
}

function idOf({ claimable: { driver, pool, name } }: Unnumbered): string {
  return deviceId({ driver, pool, device: name })
}

/** By the numbers their names end in, so that the others keep theirs when one goes; or in order where names have none. */
function numbered(devices: readonly Unnumbered[]): DeviceSpec[] {
  const numbers = devices.map(({ claimable }) => Number(/(\d{1,3})$/.exec(claimable.name)?.[1] ?? Number.NaN))
  const tellApart = !numbers.some(Number.isNaN) && new Set(numbers).size === numbers.length
  const list = devices.map((device, i) => ({ ...device, index: tellApart ? (numbers[i] as number) : i }))
  return list.sort((a, b) => a.index - b.index)
}
