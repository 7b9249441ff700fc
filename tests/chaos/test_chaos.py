"""A small run: processes and servers are broken, one after the other, while people edit, and nothing is lost."""

from tests.chaos.run import Plan, run


async def test_nothing_is_lost_and_everybody_agrees(tmp_path):
    print(await run(Plan(seconds=15, seed=37, processes=2, timelines=1, players=6, every_s=1.5), tmp_path))
