#!/usr/bin/env python3
"""투표를 다시 세어 봐요 · Count a vote again.

    python3 recount.py ballots.json

이음은 투표가 끝나면 모든 표를 공개해요. 이 프로그램은 그 표를 처음부터 다시 세어, 발표된 결과가 맞는지 말해 줘요.
파이썬만 있으면 돼요. 맞으면 0, 틀리면 1을 남기고 끝나요.

When a vote in Ieum is over, all of its ballots are published. This program counts them from the beginning and says
whether the published result is right. It needs nothing but Python 3.8. It ends with 0 if all is right, else with 1.
It was written apart from the site's own counting, so that it checks it instead of repeating it.
"""

import hashlib
import hmac
import json
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path


def fingerprint(text):
    """글의 지문: 글자가 하나만 달라도 전혀 달라져요 · SHA-256: another text has another fingerprint."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def order_of_ties(poll, votes):
    """비겼을 때 누가 앞인지 정하는 하나의 순서 · The one order that breaks every tie.

    1. 적게 빠진 것: 가장 많은 표에 적힌 것 (left out by the fewest ballots)
    2. 먼저 올라온 것 (proposed earliest)
    3. 씨앗으로 만든 수가 작은 것: 아무도 미리 고를 수 없어요 (smallest number made from the seed)
    """

    def place(option):
        seed, name = poll["result"]["seed"].encode(), str(option["id"]).encode()
        number = hmac.new(seed, name, hashlib.sha256).hexdigest()
        return -votes[option["id"]], option["proposed_at"], number

    # 운영자가 내린 것은 이길 수 없어요. · What a moderator took out cannot win.
    return [option["id"] for option in sorted(poll["options"], key=place) if not option["struck"]]


def most_votes(order, votes):
    """찬성 투표와 한 표 투표: 표가 많은 차례대로 · Approval and plurality: most votes first.

    `order`가 벌써 표가 많은 차례예요. · The order of ties begins with the votes, so it is the ranking.
    """
    return [option for option in order if votes[option]]


def run_off(order, ballots):
    """순위 투표(결선): 절반을 넘을 때까지 꼴찌가 하나씩 빠져요 · Instant run-off: the last one goes out, round by round.

    돌려주는 것: 이긴 것과, 라운드마다 몇 표였는지 · Returns the winner and the votes of every round.
    """
    left, rounds = list(order), []
    while True:
        # 표마다, 아직 남은 것 가운데 맨 앞에 적은 것에 한 표 · Each ballot goes to its best option that is left.
        heaps = dict.fromkeys(left, 0)
        for ballot, times in ballots.items():
            still = [option for option in ballot if option in heaps]
            if still:
                heaps[still[0]] += times
        if not any(heaps.values()):
            return None, []
        rounds.append(heaps)
        best = max(left, key=heaps.get)
        if heaps[best] * 2 > sum(heaps.values()):
            return best, rounds
        # 아무도 고르지 않은 것은 모두, 그리고 꼴찌 하나가 빠져요. · All without a vote go, and the last of the others.
        left = [option for option in left if heaps[option]]
        fewest = min(heaps[option] for option in left)
        left.remove([option for option in left if heaps[option] == fewest][-1])


def ranked_pairs(order, votes, ballots):
    """순위 투표(맞대결): 둘씩 견주고, 차이가 큰 대결부터 믿어요 · Ranked pairs: the clearest duels count first.

    돌려주는 것: 순위와 대결들 · Returns the ranking and the duels.
    """
    order = [option for option in order if votes[option]]
    likes = Counter()
    for ballot, times in ballots.items():
        # 앞에 적은 것이 뒤에 적은 것과 적지 않은 것 모두보다 좋아요. · Better than all behind it, and all left out.
        behind = set(order)
        for a in ballot:
            behind.remove(a)
            for b in behind:
                likes[a, b] += times
    duels = []
    for one, other in combinations(order, 2):
        # 비기면 순서에서 앞선 쪽이 이긴 것으로 쳐요. · A drawn duel goes to the one that comes first.
        a, b = (one, other) if likes[one, other] >= likes[other, one] else (other, one)
        duels.append({"winner": a, "loser": b, "votes": likes[a, b], "against": likes[b, a]})
    duels.sort(key=lambda d: (d["against"] - d["votes"], order.index(d["winner"]), order.index(d["loser"])))
    beats = set()
    for duel in duels:
        # 앞선 대결들이 거꾸로 말하면 이 대결은 세지 않아요. · A duel is left out if those before it say the opposite.
        duel["holds"] = not leads(duel["loser"], duel["winner"], beats)
        if duel["holds"]:
            beats.add((duel["winner"], duel["loser"]))
    ranking, left = [], list(order)
    while left:
        best = next(option for option in left if not any((other, option) in beats for other in left))
        ranking.append(best)
        left.remove(best)
    return ranking, duels


def leads(a, b, beats):
    """a가 이긴 것, 그것이 이긴 것, … 을 따라가면 b가 나오나요? · Does a beat b, step by step?"""
    reached, more = set(), {a}
    while more:
        reached |= more
        more = {loser for winner, loser in beats if winner in reached} - reached
    return b in reached


def middle(poll, order, votes):
    """가운데 값: 모두의 바람을 줄 세웠을 때 한가운데 · The median: the wish in the middle of all wishes."""
    values = {option["id"]: option["value"] for option in poll["options"] if option["value"] is not None}
    wishes = sorted(
        (values[option], option) for option in order if option in values for _ in range(votes[option])
    )
    none = sum(votes[option] for option in order if option not in values)
    return (None, True) if none > len(wishes) else (wishes[(len(wishes) - 1) // 2] if wishes else None, False)


def count(poll):
    """표를 처음부터 다시 세요 · Count the ballots from the beginning."""
    struck = {option["id"] for option in poll["options"] if option["struck"]}
    none = {option["id"] for option in poll["options"] if option["is_none"]}
    votes = Counter(option for ballot in poll["ballots"] for option in ballot["options"])
    # 똑같은 표는 한데 묶어 몇 장인지만 세요. · Equal ballots are put together and counted.
    ballots = Counter(tuple(o for o in ballot["options"] if o not in struck) for ballot in poll["ballots"])
    order, method = order_of_ties(poll, votes), poll["method"]
    counted = {"method": method, "ballots": len(poll["ballots"]), "winners": [], "shares": {}}
    counted.update(none_won=False, value=None)
    counted["votes"] = {option["id"]: votes[option["id"]] for option in poll["options"]}
    ranking, places = [], poll["winners"]
    if len(poll["ballots"]) < max(1, poll["quorum"]):
        return counted  # 표가 모자라면 아무것도 정하지 않아요. · Too few ballots decide nothing.
    if method in ("approval", "plurality"):
        ranking = most_votes(order, votes)
    elif method == "irv":
        winner, counted["rounds"] = run_off(order, ballots)
        ranking, places = ([] if winner is None else [winner]), 1
    elif method == "ranked-pairs":
        ranking, counted["duels"] = ranked_pairs(order, votes, ballots)
    elif method == "median":
        wish, counted["none_won"] = middle(poll, order, votes)
        if wish:
            counted["value"], ranking, places = wish[0], [wish[1]], 1
    else:
        raise ValueError(method)
    # ‘이 중에는 없어요’보다 앞선 것만 이겨요. · Only what stands before "none of these" wins.
    if ranking and ranking[0] in none:
        counted["none_won"] = True
    for option in ranking[:places]:
        if option in none:
            break
        counted["winners"].append(option)
    # 이긴 것들이 받은 표를 어떤 몫으로 나누어 가졌나요? · How the winners share the votes they got.
    all_votes = sum(votes[option] for option in counted["winners"])
    counted["shares"] = {option: votes[option] / all_votes for option in counted["winners"]}
    return counted


def published(poll):
    """발표된 결과를 `count`와 같은 꼴로 · What was published, in the form of `count`."""
    result = poll["result"]
    told = {name: result[name] for name in ("method", "ballots", "winners", "none_won", "value")}
    told["votes"] = {tally["option_id"]: tally["votes"] for tally in result["tallies"]}
    told["shares"] = {tally["option_id"]: tally["share"] for tally in result["tallies"] if tally["share"]}
    if "rounds" in result:
        told["rounds"] = [{c["option_id"]: c["votes"] for c in each["counts"]} for each in result["rounds"]]
    if "duels" in result:
        told["duels"] = result["duels"]
    return told


def checks(poll):
    """무엇을 살폈고 맞았는지 · What was looked at, and whether it is right."""
    result, known = poll["result"], {option["id"] for option in poll["options"]}
    ballots = [ballot["options"] for ballot in poll["ballots"]]
    voters = {ballot["voter"] for ballot in poll["ballots"]}
    text = json.dumps(result, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    well_formed = all(known.issuperset(ballot) and len(set(ballot)) == len(ballot) for ballot in ballots)
    empty = {"rounds": [], "duels": []}
    same = well_formed and {**empty, **count(poll)} == {**empty, **published(poll)}
    return [
        ("한 사람이 한 표씩 냈어요", "one ballot for each person", len(voters) == len(ballots)),
        (
            "표마다 이 투표의 선택지만, 한 번씩 적혀 있어요",
            "each ballot names options of this poll, once each",
            well_formed,
        ),
        (
            "씨앗은 투표 전에 공개한 지문과 맞아요",
            "the seed fits its fingerprint",
            fingerprint(result["seed"]) == poll["seed_hash"],
        ),
        (
            "결과는 그 지문과 맞아요",
            "the result fits its fingerprint",
            fingerprint(text) == poll["result_hash"],
        ),
        ("다시 세어도 결과가 같아요", "counted again, the result is the same", same),
    ]


def main(path):
    try:
        poll = json.loads(Path(path).read_text(encoding="utf-8"))
        looked_at = checks(poll)
        labels = {option["id"]: option["label"] for option in poll["options"]}
        won = [labels.get(option, "?") for option in poll["result"]["winners"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print("✗ 투표 기록 파일이 아니에요 · this is not the record of a vote:", repr(error))
        return 1
    print("투표 · poll", poll["poll"], "|", poll["method"], "|", "표 · ballots", len(poll["ballots"]))
    for korean, english, right in looked_at:
        print("  ✓" if right else "  ✗", korean, "·", english)
    print("발표된 승자 · published winners:", ", ".join(won) or "없음 · none")
    if all(right for _, _, right in looked_at):
        print("발표된 결과가 맞아요. · The published result is right.")
        return 0
    print("발표된 결과를 믿을 수 없어요! · The published result is NOT right!")
    return 1


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(1)
    sys.exit(main(sys.argv[1]))
