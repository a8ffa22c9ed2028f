"""What widely used plugins do with their settings, shared by several rules.

    plugin = plugin_of(step, self.settings)     # None for images that are not known, and where commands replace the plugin
    if plugin is not None and plugin.knows("docker_file"):
        ...

The facts stand in `known.txt`, which is read with the first image that could be a plugin's. Users add plugins of their own with the
setting `plugins:`. Unknown plugins are never guessed at.
"""

from drone_lint_rules.plugins.knowledge import Plugin, plugin_of, plugin_steps, uses_known_plugin

__all__ = ["Plugin", "plugin_of", "plugin_steps", "uses_known_plugin"]
