using Factory.Core.Architecture;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>Makes the parts of a block's branches and registers them below the block under their plans' names.</summary>
internal sealed class BlockParts(nn.Module block, string prefix, ModelPlacement placement)
{
    private readonly Dictionary<string, Parameter> _scales = [];

    public Norm? Norm(NormPlan? plan, ScalarType output)
    {
        if (plan is null)
        {
            return null;
        }
        return Register(plan.Name, new Norm(plan, placement, output));
    }

    public T Register<T>(string name, T part) where T : nn.Module
    {
        block.register_module(Local(name), part);
        return part;
    }

    /// <summary>The trained factor, shape (channels), one for all who name it; null for a constant.</summary>
    public Parameter? Scale(ScalePlan plan)
    {
        if (plan.Parameter is not string name)
        {
            return null;
        }
        if (!_scales.TryGetValue(name, out Parameter? scale))
        {
            scale = placement.NewParameter(plan.Channels);
            block.register_parameter(Local(name), scale);
            _scales.Add(name, scale);
        }
        return scale;
    }

    private string Local(string name) => name[(prefix.Length + 1)..];
}
