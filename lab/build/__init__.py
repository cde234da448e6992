# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds everything that the lab installs: binaries, images, host root file systems, the offline bundle.

For other parts of the lab:

    from lab.build import cache, go
    go.build(go.Recipe("vcenter", "1", {"landfall-vcenter": "."}, directory=HERE))      -> {"landfall-vcenter": Path}
    cache.make("suite", inputs=[...], outputs=["goods.jar"], build=lambda job: job.run("mvn", ...))

Both return the products' paths, build only what changed, and link each product as <cache>/products/<name>.
"""
