"""Words that news uses for one another. What is not here counts as another meaning."""

from qa.stems import stem

_GROUPS = """
ask request urge appeal turn plea | begin start launch commence | end finish conclude cease stop halt | buy purchase
acquire | resign quit | die dead death fatal fatality | injure wound hurt injury | sink sank capsize |
win victory winner | election vote poll ballot | car vehicle | ship boat vessel | ferry ferries | plane
aircraft airplane jet | fire blaze | storm hurricane typhoon cyclone | police officer officers constable | doctor
physician | big large huge | small little | important significant major | show reveal disclose | discover find |
help aid assistance assist support | child kid | firm company corporation business | leader head chief | wound injury |
rise increase grow climb rose | fall drop decline decrease fell | build construct | ruin destroy | cause lead prompt
trigger result | reach hit | near close | get receive obtain | give provide supply | want seek wish | choose select pick
elect | replace succeed successor | pay cost | money fund funds funding | answer reply respond response | fight battle
combat | talk speak discuss discussion | meet meeting | home house | job post position | evacuate evacuation | leave
depart departure | arrive arrival | carry transport | permit allow | ban prohibit forbid | protest demonstrate
demonstration protester demonstrator | lawmaker legislator parliamentarian | attorney lawyer | inquiry investigation
investigate probe | agreement accord deal pact | argue claim contend allege | warn warning | announce announcement
declare | approve approval endorse | reject refuse rejection refusal | criticise criticize criticism condemn denounce |
predict forecast | almost nearly | around about approximately roughly | amid during | worldwide global | annual yearly |
sufficient enough | aim goal target | film movie | student pupil | teach teacher | author writer write | own owner |
visit trip | worker employee staff | rescue save
"""


def _meanings() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in _GROUPS.replace("\n", " ").split("|"):
        roots = [stem(word) for word in group.split()]
        for root in roots:
            found.setdefault(root, found.get(roots[0], roots[0]))
    return found


MEANINGS = _meanings()
"""For the stem of a word, the one that stands for all of its meaning."""
