# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verb `build`: everything, in two chains that share the cores, or only the programs that are named."""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from lab.centre import program
from lab.suite import build as suite

from . import bundle, cache, go, hosts, images, places, rootfs
from .progress import StepFailed, say
from .recipes import RECIPES

Step = Callable[[], object]


def main(argv: Sequence[str] | None = None) -> int:
    """0, or 1 with the reason and the place of the log."""
    programs = {product: recipe for recipe in RECIPES for product in recipe.binaries}
    parser = argparse.ArgumentParser(
        prog="lab build", description="Build what the lab needs; a second run does nothing."
    )
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help=f"only these: {' '.join(programs)}")
    wanted: list[str] = parser.parse_args(argv).programs
    unknown = sorted(set(wanted) - set(programs))
    if unknown:
        parser.error(f"no program {', '.join(unknown)}; there are {' '.join(programs)}")
    begin = time.monotonic()
    try:
        if wanted:
            for name in wanted:
                go.build(programs[name].only(name))
        else:
            _everything()
    except StepFailed as failed:
        print(f"FAILED  {failed}", file=sys.stderr)
        return 1
    say(f"everything is built, after {time.monotonic() - begin:.1f} s")
    return 0


def _everything() -> None:
    compiled: list[Step] = [partial(go.build, recipe) for recipe in RECIPES]
    compiled.insert(2, program.binary)
    installed: list[Step] = [partial(rootfs.image, name) for name in hosts.LAYERS]
    installed += [hosts.load, suite.build, *(partial(rootfs.image, name) for name in _debian_layers())]
    _together(compiled, installed)
    # Go's caches are some hundred thousand files: they go while the images are packed.
    _together([go.clean_after], [*(partial(images.build, image) for image in images.IMAGES), bundle.fill])
    shutil.rmtree(rootfs.LISTS.parent, ignore_errors=True)
    cache.prune()


def _debian_layers() -> list[str]:
    return sorted({name for image in images.IMAGES for name in image.debian if name != "base"})


def _together(*chains: list[Step]) -> None:
    """The chains side by side; where one fails, the others end after the step that they are at."""
    failed = threading.Event()

    def follow(chain: list[Step]) -> None:
        for step in chain:
            if failed.is_set():
                return
            try:
                step()
            except BaseException:
                failed.set()
                say("a step failed; the other steps that run now are waited for")
                raise

    places.CACHE.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=len(chains)) as pool:
        for future in [pool.submit(follow, chain) for chain in chains]:
            future.result()
