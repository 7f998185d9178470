import { assert, describe, expect, test } from 'vitest'
import { ClusterError } from '../../cluster.ts'
import { Commits } from './commits.ts'
import { FIRST_VERSION, ObjectStore } from './objectStore.ts'

const object = (name: string) => ({ metadata: { name, uid: `uid-${name}` } })
const newStore = () => new ObjectStore({ version: FIRST_VERSION, historyLimit: 10 })

describe('commits', () => {
  test('take in what controllers make of a write, before anybody hears of it', async () => {
    const store = newStore()
    const commits = new Commits(store)
    commits.addController(() => {
      if (store.get('Namespace', { name: 'follows' }) !== undefined) return false
      store.put('Namespace', object('follows'))
      return true
    })
    const revealed: number[] = []
    commits.onReveal(() => revealed.push([...store.all('Namespace')].length))
    store.put('Namespace', object('first'))
    await commits.committed()
    expect(revealed).toEqual([2])
    assert.isUndefined(commits.committed(), 'nothing is left to commit')
  })

  test('are written as one group, and told of only afterwards', async () => {
    const store = newStore()
    const seen: string[] = []
    const commits = new Commits(store, { flush: () => void seen.push(`flush ${store.version - FIRST_VERSION}`) })
    commits.onReveal(() => seen.push('reveal'))
    store.put('Namespace', object('a'))
    await null
    store.put('Namespace', object('b'))
    await commits.committed()
    expect(seen).toEqual(['flush 2', 'reveal'])
  })

  test('that cannot be written are refused, kept from watchers, and tried again by themselves', async () => {
    const store = newStore()
    const retries: (() => void)[] = []
    let isFull = true
    const flush = () => {
      if (isFull) throw new ClusterError('UNAVAILABLE', 'no space')
    }
    const after = (_delayMs: number, run: () => void) => {
      retries.push(run)
      return () => {}
    }
    const commits = new Commits(store, { flush }, { after })
    store.put('Namespace', object('a'))
    await expect(commits.committed()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    assert.equal(store.log('Namespace').visibleEnd, store.log('Namespace').positionAfter(FIRST_VERSION))
    isFull = false
    assert.equal(retries.length, 1)
    retries[0]?.()
    await commits.committed()
    assert.isAbove(store.log('Namespace').visibleEnd, store.log('Namespace').positionAfter(FIRST_VERSION) ?? 0)
  })
})
