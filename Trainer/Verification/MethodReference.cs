using Factory.Core;
using Factory.Core.Configuration;
using Factory.Core.Safetensors;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Verification;

/// <summary>
/// A folder with a model and what another implementation computed with it:
/// <code>
/// config.json, model.safetensors    the model, weights unfolded
/// expected.safetensors              input_ids (batch, time), logits, loss (mean cross-entropy of tokens 1 and later), block_output_variance, grad.NAME
/// </code>
/// </summary>
internal static class MethodReference
{
    public const string ExpectedFile = "expected.safetensors";
    public const string WeightsFile = "model.safetensors";

    /// <exception cref="UserError">A file is missing, damaged, or does not fit the others.</exception>
    public static ReferenceReport Verify(string folder, ModelPlacement placement)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel model = Load(folder, placement);
        using SafetensorsReader expected = SafetensorsReader.Open(Path.Combine(folder, ExpectedFile));
        Tensor ids = InputIds(expected, model).to(placement.Device);
        var comparison = new Comparison(placement.Parameters);
        using (no_grad())
        {
            comparison.Add(expected, "logits", model.forward(ids));
        }
        comparison.Add(expected, "block_output_variance", tensor(model.BlockOutputVariance(ids)));
        // The whole sequence goes in: one method lets a token see those after it.
        Tensor labels = cat([ids[.., 1..], full_like(ids[.., ..1], CrossEntropy.Ignored)], 1);
        Tensor loss = CrossEntropy.Backward(placement, model.Hidden(ids), model.HeadWeight, labels, ids.shape[0] * (ids.shape[1] - 1));
        comparison.Add(expected, "loss", loss.reshape(1));
        foreach (string name in model.Weights.Keys)
        {
            comparison.Add(expected, $"grad.{name}", model.Weights[name].grad!);
        }
        return new ReferenceReport(folder, model.Architecture.NormScheme.Name, comparison.Differences);
    }

    /// <summary>The model of a folder with config.json and model.safetensors.</summary>
    public static LlamaModel Load(string folder, ModelPlacement placement)
    {
        var model = new LlamaModel(ConfigJson.Read(folder), placement);
        try
        {
            using SafetensorsReader weights = SafetensorsReader.Open(Path.Combine(folder, WeightsFile));
            WeightFile.Load(model, weights);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static Tensor InputIds(SafetensorsReader expected, LlamaModel model)
    {
        const string name = "input_ids";
        IReadOnlyList<long> shape = expected.Entry(name).Shape;
        long[] ids = expected.Read<long>(name, ElementType.Int64);
        if (shape is not [> 0, > 1] || shape[1] > model.Architecture.MaxPositions || ids.Any(id => id < 0 || id >= model.Architecture.VocabularySize))
        {
            throw new UserError($"{expected.Path}: expected '{name}' of shape (batch, time), at least 2 and at most {model.Architecture.MaxPositions} tokens below "
                + $"{model.Architecture.VocabularySize} each, found shape [{string.Join(", ", shape)}] or other tokens.");
        }
        return from_array(ids).reshape([.. shape]);
    }
}
