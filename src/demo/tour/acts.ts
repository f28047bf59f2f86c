// How does a person get from a first talk to help that holds? The main job, played by the demo people.
import { anonymous } from './anonymous.ts'
import { audit } from './audit.ts'
import { answersByLink, type Post } from './link.ts'
import { handover, noShow } from './handover.ts'
import { interview } from './interview.ts'
import { becomesKnown, introduces } from './person.ts'
import { release, whoSeesIt, withdrawal } from './release.ts'
import type { Scene } from './scene.ts'
import { anotherWay, arrives, notGivenUp, wrongDoor } from './wrong-door.ts'

/** Letters are read only where the tour has started the service: nobody else may look into a letterbox. */
export async function play(scene: Scene, post?: Post) {
  await introduces(scene)
  const known = await becomesKnown(scene)
  await interview(scene, known)
  const referred = await release(scene, known)
  await whoSeesIt(scene, referred)
  await handover(scene, referred)
  await withdrawal(scene, referred)
  await noShow(scene)
  await anonymous(scene)
  await audit(scene, referred)

  const guided = await wrongDoor(scene)
  const proposed = await anotherWay(scene, guided)
  await notGivenUp(scene, guided, proposed)
  await arrives(scene, guided, proposed)
  if (post) await answersByLink(scene, guided, post)
  return referred
}
