using Factory.Core;

namespace Factory.Exporter.Targets;

/// <summary>Every target, in the order of <c>--help</c>.</summary>
public static class TargetCatalog
{
    public static IReadOnlyList<Target> All { get; } = [new FactoryTarget(), new StandardTarget(), new HfTarget(), new GgufTarget(), new GenAiTarget(), new TransformersJsTarget()];

    public static Target Default => All[0];

    /// <exception cref="SettingError">There is no such target; the setting is "target".</exception>
    public static Target Named(string name) =>
        All.FirstOrDefault(target => target.Name == name)
        ?? throw new SettingError("target", $"expected one of {string.Join(", ", All.Select(target => target.Name))}, found '{name}'.");
}
