# docker build -t nac .                               for NVIDIA GPUs
# docker build -t nac:cpu --build-arg VARIANT=cpu .   without CUDA
#
# docs/docker.md says how to run it. constraints.txt keeps CUDA and cuDNN at the last versions for the
# V100.

# The digest is that of the record of Docker's official images (docker-library/repo-info), of 25 August
# 2026. "docker buildx imagetools inspect python:3.12-slim" prints the one of today.
ARG BASE=python:3.12.14-slim@sha256:7a8b475003c4fe15a2cd4e55e5cfc2f3560bdc9333d624f24cdd6d4340fd7a17
# hadolint ignore=DL3006
FROM ${BASE}

ARG VARIANT=gpu

# HOME is where libraries keep caches. With --read-only, only /tmp and /runs can be written.
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    TF_CPP_MIN_LOG_LEVEL=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp

# With docker run --user, any user may write here.
RUN useradd --uid 1000 --home-dir /tmp --no-create-home nac \
    && mkdir --mode=1777 /runs

WORKDIR /opt/nac

# The packages are in a layer of their own, which a change to the code leaves cached. TensorFlow's
# headers, 430 MB, only serve to compile operations.
COPY constraints.txt constraints.sha256 ./
COPY tools/requirements.py tools/
RUN case "$VARIANT" in gpu) set -- report gpu ;; cpu) set -- report ;; \
        *) echo "VARIANT: expected gpu or cpu, received $VARIANT" >&2; exit 1 ;; esac \
    && python tools/requirements.py build > /tmp/build.txt \
    && python tools/requirements.py base "$@" > /tmp/packages.txt \
    && pip install --no-cache-dir --require-hashes --no-deps -r /tmp/build.txt \
    && pip install --no-cache-dir --require-hashes --no-deps --no-build-isolation \
        -r /tmp/packages.txt \
    && rm -r /tmp/build.txt /tmp/packages.txt \
        "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tensorflow/include"

COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && pip check \
    && python -m compileall -q nac \
    && chmod -R a+rX .

USER 1000:1000
EXPOSE 6006
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "/opt/nac/tools/docker_entry.py"]
CMD ["nac.construct", "--help"]
