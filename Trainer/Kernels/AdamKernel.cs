using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>
/// AdamW (arXiv 1711.05101, algorithm 2): g ← clip · g, m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← (1 − rate · decay) w − rate' m / (√v · c + ε)
/// with the bias corrections in rate' and c. One item is one number.
/// </summary>
internal unsafe struct AdamKernel : ILoopBody
{
    /// <summary>Numbers that are not worth a second thread.</summary>
    public const long Grain = 1 << 14;

    public float* Weights;
    public float* Gradients;
    public float* First;
    public float* Second;
    public float Clip;
    public float Beta1;
    public float Beta2;

    /// <summary>1 − β₁ and 1 − β₂, rounded once.</summary>
    public float Share1;
    public float Share2;

    /// <summary>1 − rate · decay.</summary>
    public float Kept;

    /// <summary>Rate over the first moment's bias correction.</summary>
    public float Rate;

    /// <summary>1 over the root of the second moment's bias correction.</summary>
    public float RootCorrection;
    public float Epsilon;

    public readonly void Run(long begin, long end)
    {
        long i = begin;
        for (; i + 16 <= end; i += 16)
        {
            Vector512<float> g = Vector512.Load(Gradients + i) * Clip;
            Vector512<float> m = (Vector512.Load(First + i) * Beta1) + (g * Share1);
            Vector512<float> v = (Vector512.Load(Second + i) * Beta2) + (g * g * Share2);
            m.Store(First + i);
            v.Store(Second + i);
            Vector512<float> root = (Vector512.Sqrt(v) * RootCorrection) + Vector512.Create(Epsilon);
            ((Vector512.Load(Weights + i) * Kept) - (m * Rate / root)).Store(Weights + i);
        }
        for (; i < end; i++)
        {
            float g = Gradients[i] * Clip;
            First[i] = (First[i] * Beta1) + (g * Share1);
            Second[i] = (Second[i] * Beta2) + (g * g * Share2);
            Weights[i] = (Weights[i] * Kept) - (First[i] * Rate / ((MathF.Sqrt(Second[i]) * RootCorrection) + Epsilon));
        }
    }
}
