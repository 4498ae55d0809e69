# docker build -t nac .
# docker run --gpus all -v "$PWD/runs:/runs" nac nac.construct \
#     --flagfile=experiments/digits/construct.flags --workdir=/runs
#
# The host needs the NVIDIA container toolkit and a driver >= 525.60. constraints.txt keeps CUDA and
# cuDNN at the last versions for the V100. Add --user "$(id -u):$(id -g)" to own what a run writes.
FROM python:3.12-slim

ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    TF_CPP_MIN_LOG_LEVEL=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/home/nac

# Any user may write here: runs, and the caches of Keras and TensorFlow Datasets.
RUN mkdir -m 1777 /runs /home/nac

WORKDIR /opt/nac

# The packages are in a layer of their own, which a change to the code leaves cached.
COPY setup.py pyproject.toml constraints.txt ./
COPY nac/__init__.py nac/
RUN pip install --no-cache-dir -c constraints.txt setuptools wheel \
    && pip install --no-cache-dir --no-build-isolation -c constraints.txt -e ".[gpu,report]"

COPY . .
RUN chmod -R a+rX .

ENTRYPOINT ["python", "-m"]
CMD ["nac.construct", "--help"]
