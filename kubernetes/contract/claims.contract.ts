import { randomUUID } from 'node:crypto'
import { assert, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, type JsonPatch, jsonPointer } from '../cluster.ts'
import { annotations, CLAIM_FINALIZER } from '../names.ts'
import type { Pod, ResourceClaim } from '../objects.ts'
import { pod } from './samples.ts'
import type { Stage } from './stage.ts'
import { CONTRACT_EPOCH } from './unsuspend.ts'
import { refusal, until } from './until.ts'

const spec: ResourceClaim['spec'] = {
  devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'contract', count: 1 } }] },
}
const allocated = (device: string) => ({
  allocation: {
    devices: { results: [{ request: 'gpu', driver: 'contract.example.com', pool: 'p', device }] },
    nodeSelector: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }],
    },
  },
})
const reservedFor = ({ metadata: { name, uid } }: Pod) => ({ reservedFor: [{ resource: 'pods', name, uid }] })

/** What becomes of the claims of pods, and who may allocate them. */
export function describeClaims(stage: Stage): void {
  describe('claims', () => {
    let cluster: Cluster
    let namespace: string
    beforeAll(async () => {
      cluster = stage.cluster
      namespace = await stage.namespace()
    })
    const named = () => `claim-${randomUUID().slice(0, 8)}`
    const write = (claim: ResourceClaim, status: object, by = cluster, test: JsonPatch = []) =>
      by.patch('ResourceClaim', refOf(claim), [...test, { op: 'add', path: '/status', value: status }], {
        subresource: 'status',
      })
    const newClaim = (where = namespace) =>
      cluster.create('ResourceClaim', {
        metadata: { namespace: where, name: named(), annotations: { note: 'mine' } },
        spec,
      })
    async function podWith(claim: NonNullable<NonNullable<Pod['spec']>['resourceClaims']>[number]): Promise<Pod> {
      const plain = pod(namespace, `pod-${randomUUID().slice(0, 8)}`)
      assert(plain.spec)
      return cluster.create('Pod', { ...plain, spec: { ...plain.spec, resourceClaims: [claim] } })
    }
    const end = (ended: Pod) =>
      cluster.patch('Pod', refOf(ended), [{ op: 'add', path: '/status/phase', value: 'Succeeded' }], {
        subresource: 'status',
      })
    const isFree = (claim: ResourceClaim | undefined) =>
      claim !== undefined &&
      claim.status?.allocation === undefined &&
      !claim.status?.reservedFor?.length &&
      !claim.metadata.finalizers?.length

    test('are made from their template for each pod, which says what they are called, and go with it', async () => {
      const name = named()
      await cluster.create('ResourceClaimTemplate', { metadata: { namespace, name }, spec: { spec } })
      const made = await podWith({ name: 'gpu', resourceClaimTemplateName: name })
      const told = await until(cluster, 'Pod', refOf(made), (seen) => !!seen?.status?.resourceClaimStatuses?.length)
      const status = told?.status?.resourceClaimStatuses?.[0]
      expect(status?.name).toBe('gpu')
      const ref = { namespace, name: status?.resourceClaimName ?? '' }
      const claim = await cluster.get('ResourceClaim', ref)
      expect(claim.spec.devices?.requests?.[0]?.exactly).toMatchObject({ deviceClassName: 'contract', count: 1 })
      expect(claim.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', uid: made.metadata.uid, controller: true }])
      await end(made)
      await until(cluster, 'ResourceClaim', ref, (seen) => seen === undefined)
    })

    test('of a template that is not there yet are made when it is', async () => {
      const name = named()
      const made = await podWith({ name: 'gpu', resourceClaimTemplateName: name })
      expect(made.status?.resourceClaimStatuses).toBeUndefined()
      await cluster.create('ResourceClaimTemplate', { metadata: { namespace, name }, spec: { spec } })
      await until(cluster, 'Pod', refOf(made), (seen) => !!seen?.status?.resourceClaimStatuses?.length)
    })

    test('are given back when the pod they are reserved for has ended', async () => {
      const claim = await newClaim()
      const user = await podWith({ name: 'gpu', resourceClaimName: claim.metadata.name ?? '' })
      await cluster.patch('ResourceClaim', refOf(claim), [
        { op: 'add', path: '/metadata/finalizers', value: [CLAIM_FINALIZER] },
      ])
      await write(claim, { ...allocated('d'), ...reservedFor(user) })
      await end(user)
      await until(cluster, 'ResourceClaim', refOf(claim), isFree)
    })

    test('stay until they are given back, also when they are deleted', async () => {
      const claim = await newClaim()
      const user = await podWith({ name: 'gpu', resourceClaimName: claim.metadata.name ?? '' })
      await cluster.patch('ResourceClaim', refOf(claim), [
        { op: 'add', path: '/metadata/finalizers', value: [CLAIM_FINALIZER] },
      ])
      await write(claim, { ...allocated('d'), ...reservedFor(user) })
      await cluster.delete('ResourceClaim', refOf(claim))
      expect((await cluster.get('ResourceClaim', refOf(claim))).metadata.deletionTimestamp).toBeDefined()
      await end(user)
      await until(cluster, 'ResourceClaim', refOf(claim), (seen) => seen === undefined)
    })

    test('keep their allocation as it is, until it is taken back as a whole', async () => {
      const claim = await newClaim()
      await write(claim, allocated('d'))
      assert.equal(await refusal(write(claim, allocated('e'))), 'INVALID')
      await write(claim, {})
      const given = await write(claim, allocated('e'))
      expect(given.status?.allocation?.devices?.results?.[0]?.device).toBe('e')
    })

    test('are reserved only while they are allocated', async () => {
      const claim = await newClaim()
      const user = await podWith({ name: 'gpu', resourceClaimName: claim.metadata.name ?? '' })
      assert.equal(await refusal(write(claim, reservedFor(user))), 'INVALID')
    })

    test('share a device where whoever allocates does not look', async () => {
      for (const claim of [await newClaim(), await newClaim()]) await write(claim, allocated('shared'))
    })

    test('keep their metadata when their status is written', async () => {
      const claim = await newClaim()
      const both: JsonPatch = [
        { op: 'add', path: '/metadata/annotations', value: { note: 'other' } },
        { op: 'add', path: '/metadata/finalizers', value: [CLAIM_FINALIZER] },
      ]
      const written = await write(claim, allocated('d'), cluster, both)
      expect(written.metadata.annotations).toEqual({ note: 'mine' })
      expect(written.metadata.finalizers).toBeUndefined()
    })

    describe('of a tenant', () => {
      let tenants: string
      let tenant: Cluster
      beforeAll(async () => {
        tenants = await stage.namespace('tenant_claims')
        tenant = await stage.tenant(tenants)
      })
      const inEpoch = (claim: ResourceClaim, epoch: string, by = cluster) =>
        by.patch('ResourceClaim', refOf(claim), [
          { op: 'add', path: jsonPointer('metadata', 'annotations', annotations.epoch), value: epoch },
        ])

      test('are allocated and taken back in the present epoch, and in no other', async () => {
        const claim = await newClaim(tenants)
        assert.equal(await refusal(write(claim, allocated('d'))), 'FORBIDDEN')
        assert.equal(await refusal(inEpoch(claim, '0')), 'FORBIDDEN')
        await inEpoch(claim, CONTRACT_EPOCH)
        await write(claim, allocated('d'))
        await write(claim, {})
      })

      test('cannot be allocated by an epoch that a tenant wrote', async () => {
        const claim = await newClaim(tenants)
        await inEpoch(claim, '0', tenant)
        assert.equal(await refusal(write(claim, allocated('d'))), 'FORBIDDEN')
      })

      test('are made by the tenant, and allocated by others', async () => {
        const claim = await tenant.create('ResourceClaim', { metadata: { namespace: tenants, name: named() }, spec })
        assert.equal(await refusal(write(claim, allocated('d'), tenant)), 'FORBIDDEN')
      })
    })
  })
}

function refOf({ metadata }: Pod | ResourceClaim): { namespace: string; name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
}
